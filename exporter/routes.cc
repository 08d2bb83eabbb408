// SPDX-License-Identifier: Apache-2.0
#include "exporter/routes.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"
#include "exporter/api.h"
#include "exporter/gzip.h"
#include "exporter/metrics/page.h"
#include "exporter/pages/drill.h"
#include "exporter/pages/html.h"
#include "exporter/pages/overview.h"
#include "exporter/pages/run.h"
#include "exporter/pages/runbook.h"
#include "exporter/pages/schedule.h"
#include "exporter/pages/target.h"

namespace backproof {
namespace {

Response plain(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", std::move(body), {}};
}

Response zipped(Response response, const Request& request) {
  if (!accepts_gzip(request.accept_encoding)) return response;
  response.body = gzip(response.body);
  response.headers.emplace_back("Content-Encoding", "gzip");
  return response;
}

Response metrics_route(const Served& served, const Request& request) {
  const auto process = metrics::read_process_stats();
  if (!process) log::warn("no process metrics", {{"error", process.error().text}});
  const auto snapshot = served.snapshot.get();
  const auto web_config = served.access ? std::optional(served.access->state()) : std::nullopt;
  const metrics::PageInput input{*snapshot, process ? &*process : nullptr,
                                 web_config ? &*web_config : nullptr};
  const metrics::PageFormat format = metrics::wanted_format(request.accept);
  Response response{200, metrics::content_type(format), "", {{"Vary", "Accept, Accept-Encoding"}}};
  if (!accepts_gzip(request.accept_encoding)) {
    response.body = metrics::metrics_page(input, format);
    return response;
  }
  GzipWriter zip;
  metrics::write_metrics_page(input, format, [&](std::string_view part) { zip.add(part); });
  response.body = zip.finish();
  response.headers.emplace_back("Content-Encoding", "gzip");
  return response;
}

// A page for people, made of the snapshot that is published now.
template <typename Fn>
Response page(const Served& served, const Request& request, const Fn& fn) {
  const auto snapshot = served.snapshot.get();
  Response response = fn(pages::View{*snapshot, served.clock.now(), served.metrics_path});
  response.headers.emplace_back("Vary", "Accept-Encoding");
  return zipped(std::move(response), request);
}

Response overview_route(const Served& served, const Request& request) {
  return page(served, request, pages::overview);
}

Response schedule_route(const Served& served, const Request& request) {
  return page(served, request, pages::schedule);
}

Response runbooks_route(const Served& served, const Request& request) {
  return page(served, request, pages::runbooks);
}

constexpr std::string_view target_pages = "/targets/", run_pages = "/runs/",
                           drill_pages = "/drills/", runbook_pages = "/runbooks/",
                           static_files = "/static/";

Response runbook_route(const Served& served, const Request& request) {
  return page(served, request, [&](const pages::View& view) {
    return pages::runbook(view, request.path.substr(runbook_pages.size()));
  });
}

Response static_route(const Served& /*served*/, const Request& request) {
  return pages::static_file(request.path.substr(static_files.size()));
}

Response no_target_page(const pages::View& view, const std::string& name) {
  return pages::missing(view, "", "No such target",
                        "No target " + pages::isolated(text::printable(name, 128)) +
                            " is configured. What is recorded of it, if anything, is in <a "
                            "href=\"/api/v1/runs?target=" +
                            pages::encode_segment(name) + "\">its runs as JSON</a>.");
}

Response target_page(const Served& served, const Request& request, const std::string& name) {
  return page(served, request, [&](const pages::View& view) {
    const TargetState* found = find_target(view.snapshot, name);
    if (found == nullptr) return no_target_page(view, name);
    return pages::target(view, *found, served.history.list({name, std::nullopt, pages::shown_runs}),
                         served.history.drills_of(name, pages::shown_drills));
  });
}

Response target_route(const Served& served, const Request& request) {
  return target_page(served, request, request.path.substr(target_pages.size()));
}

// "/targets/?name=..": for names that no client leaves in a path.
Response named_target_route(const Served& served, const Request& request) {
  const auto query = parse_query(request.query);
  const auto name = query ? query->find("name") : Query::const_iterator();
  return target_page(served, request, query && name != query->end() ? name->second : "");
}

Response run_page_route(const Served& served, const Request& request) {
  const std::string id = request.path.substr(run_pages.size());
  return page(served, request, [&](const pages::View& view) {
    const auto found = is_run_id(id) ? served.history.find(id) : std::optional<Run>();
    if (!found)
      return pages::missing(view, "", "The run cannot be read",
                            pages::isolated(found.error().text));
    if (!*found)
      return pages::missing(view, "", "No such run",
                            "There is no run " + pages::isolated(text::printable(id, 128)) +
                                ". Runs that ended long ago are forgotten.");
    return pages::run(view, **found);
  });
}

Response drill_page_route(const Served& served, const Request& request) {
  const std::string id = request.path.substr(drill_pages.size());
  return page(served, request, [&](const pages::View& view) {
    const auto found = is_run_id(id) ? served.history.find_drill(id) : std::optional<Drill>();
    if (!found)
      return pages::missing(view, "", "The drill cannot be read",
                            pages::isolated(found.error().text));
    if (!*found)
      return pages::missing(view, "", "No such drill",
                            "There is no drill " + pages::isolated(text::printable(id, 128)) +
                                ". Of each target the last hundred are kept.");
    return pages::drill(view, **found);
  });
}

Response healthy_route(const Served& /*served*/, const Request& /*request*/) {
  return plain(200, "backproof is healthy.\n");
}

Response ready_route(const Served& served, const Request& /*request*/) {
  return served.ready ? plain(200, "backproof is ready.\n")
                      : plain(503, "backproof is not ready: it still reads its history.\n");
}

// The one place where a query becomes parameters, or 400.
template <typename Fn>
Response with_query(const Request& request, const Fn& fn) {
  const auto query = parse_query(request.query);
  return query ? fn(*query) : api::error(400, query.error());
}

Response verification_route(const Served& served, const Request& request) {
  return with_query(request, [&](const Query& query) {
    return api::verification(*served.snapshot.get(), query);
  });
}

Response targets_route(const Served& served, const Request& request) {
  return with_query(request, [&](const Query& query) {
    const auto valid = api::only(query, {});
    return valid ? api::targets(*served.snapshot.get()) : api::error(400, valid.error());
  });
}

Response runs_route(const Served& served, const Request& request) {
  return with_query(request, [&](const Query& query) {
    return api::runs(*served.snapshot.get(), served.history, query);
  });
}

constexpr std::string_view run_prefix = "/api/v1/runs/";

Response run_route(const Served& served, const Request& request) {
  return with_query(request, [&](const Query& query) {
    const auto valid = api::only(query, {});
    return valid ? api::run(served.history, request.path.substr(run_prefix.size()))
                 : api::error(400, valid.error());
  });
}

Response drills_route(const Served& served, const Request& request) {
  return with_query(request, [&](const Query& query) {
    return api::drills(*served.snapshot.get(), served.history, query);
  });
}

constexpr std::string_view drill_prefix = "/api/v1/drills/";

Response drill_route(const Served& served, const Request& request) {
  return with_query(request, [&](const Query& query) {
    const auto valid = api::only(query, {});
    return valid ? api::drill(served.history, request.path.substr(drill_prefix.size()))
                 : api::error(400, valid.error());
  });
}

constexpr std::string_view target_prefix = "/api/v1/targets/", verify_suffix = "/verify";

bool starts_something(std::string_view path) {
  return path.size() > target_prefix.size() + verify_suffix.size() &&
         path.starts_with(target_prefix) && path.ends_with(verify_suffix);
}

// A browser sends the password that it knows along with what another site's page has it send, and
// says which site that is.
bool is_of_another_site(const Request& request) {
  if (request.origin.empty()) return false;
  const std::size_t host = request.origin.find("://");
  return host == std::string::npos || request.origin.substr(host + 3) != request.host;
}

// Who may start something has shown who he is: without credentials that are asked for, nobody may.
Response verify_route(const Served& served, const Request& request) {
  const auto no = [](int status, std::string why, std::string hint) {
    return api::error(status, {Cause::internal, std::move(why), std::move(hint)});
  };
  if (request.method != "POST") {
    Response response = no(405, "only POST is answered", "");
    response.headers.emplace_back("Allow", "POST");
    return response;
  }
  if (!served.verify || served.access == nullptr || !served.access->asks_for_credentials())
    return no(403, "nobody may start anything here",
              "a --web.config.file that asks for a password or a client certificate allows it");
  if (is_of_another_site(request)) return no(403, "a page of another site asks for this", "");
  const std::string name = request.path.substr(
      target_prefix.size(), request.path.size() - target_prefix.size() - verify_suffix.size());
  if (find_target(*served.snapshot.get(), name) == nullptr)
    return no(404, "no target of this name is configured", "");
  const auto run = served.verify(name);
  return run ? api::started(*run) : api::error(409, run.error());
}

struct Route {
  std::string_view path;
  bool is_prefix;
  Response (*answer)(const Served&, const Request&);

  bool matches(std::string_view asked) const {
    return is_prefix ? asked.size() > path.size() && asked.starts_with(path) : asked == path;
  }
};

constexpr std::array routes{
    Route{"/", false, overview_route},
    Route{"/schedule", false, schedule_route},
    Route{target_pages, false, named_target_route},
    Route{target_pages, true, target_route},
    Route{run_pages, true, run_page_route},
    Route{drill_pages, true, drill_page_route},
    Route{"/runbooks", false, runbooks_route},
    Route{runbook_pages, false, runbooks_route},
    Route{runbook_pages, true, runbook_route},
    Route{static_files, true, static_route},
    Route{"/-/healthy", false, healthy_route},
    Route{"/-/ready", false, ready_route},
    Route{"/api/v1/backup/verification", false, verification_route},
    Route{"/api/v1/targets", false, targets_route},
    Route{"/api/v1/runs", false, runs_route},
    Route{run_prefix, true, run_route},
    Route{"/api/v1/drills", false, drills_route},
    Route{drill_prefix, true, drill_route},
};

// Programs below /api/ read JSON, everybody else reads text.
Response refused(const Request& request, int status, std::string text) {
  if (request.path.starts_with("/api/"))
    return api::error(status, {Cause::internal, std::move(text), ""});
  return plain(status, text + "\n");
}

const Route* route_of(const Served& served, std::string_view path) {
  static constexpr Route metrics{"", false, metrics_route};
  if (path == served.metrics_path) return &metrics;
  const auto found =
      std::ranges::find_if(routes, [path](const Route& route) { return route.matches(path); });
  return found == routes.end() ? nullptr : &*found;
}

Response answer(const Served& served, const Request& request) {
  if (starts_something(request.path)) return verify_route(served, request);
  const Route* route = route_of(served, request.path);
  if (route == nullptr) return refused(request, 404, "not found");
  if (request.method == "GET" || request.method == "HEAD") return route->answer(served, request);
  Response response = refused(request, 405, "only GET and HEAD are answered");
  response.headers.emplace_back("Allow", "GET, HEAD");
  return response;
}

// What no client and no proxy writes in another way.
bool is_plain(std::string_view path) {
  return std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/-_.~").find(c) != std::string_view::npos;
  });
}

}  // namespace

Result<void> check_telemetry_path(const std::string& path) {
  const auto bad = [&path](std::string_view why) {
    return Error{Cause::internal,
                 "--web.telemetry-path \"" + text::printable(path, 80) + "\" " + std::string(why),
                 "write a path like /metrics"};
  };
  if (!path.starts_with('/') || !is_plain(path)) return bad("is no plain path");
  if (path.find("//") != std::string::npos || path.find("/.") != std::string::npos)
    return bad("is written by clients in another way");
  const bool is_taken = std::ranges::any_of(routes, [&](const Route& route) {
    return route.matches(path) || (route.is_prefix && path == route.path);
  });
  if (is_taken || path.starts_with("/api/") || path.starts_with("/-/"))
    return bad("is taken by another page");
  return {};
}

Handler make_routes(Served served) {
  return [served = std::move(served)](const Request& request) { return answer(served, request); };
}

}  // namespace backproof
