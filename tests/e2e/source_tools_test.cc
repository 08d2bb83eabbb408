// SPDX-License-Identifier: Apache-2.0
// The README's sources with the tools that they are for: rclone, ssh, restic and borg as they are,
// aws by what it prints.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "support/damage.h"
#include "support/elsewhere.h"
#include "support/program.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::string secret = "swordfish-of-the-store";

void replace(std::string& text, const std::string& word, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += by.size())
    text.replace(at, word.size(), by);
}

int free_port() {
  const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof at;
  REQUIRE(bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), length) == 0);
  REQUIRE(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&at), &length) == 0);
  return ntohs(at.sin_port);
}

// A server of the test's own; ended with the object.
Child serve(std::vector<std::string> argv, int port) {
  auto child = Child::start({std::move(argv), {}, ""});
  REQUIRE(child);
  const auto answers = [&] {
    const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    return connect(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  };
  bool ready = false;
  for (const Stopwatch watch; !ready && watch.took() < 20s;) ready = answers();
  REQUIRE(ready);
  return *std::move(child);
}

// A host on which what the README says is there, below a folder.
struct Site {
  Folder folder;

  Site() {
    for (const char* sub : {"etc", "srv/backups/shop", "cache", "bin", "scratch", "home"})
      std::filesystem::create_directories(folder / sub);
  }
  std::string path(const std::string& name) const { return (folder / name).native(); }
  void database(const std::string& name) const {
    std::filesystem::rename(make_shop(folder, "x.db"), folder / name);
  }
  std::string moved(std::string text) const {
    replace(text, "/etc/backproof/", path("etc") + "/");
    replace(text, "/srv/", path("srv") + "/");
    replace(text, "/var/cache/backproof/", path("cache") + "/");
    return text;
  }
  Path config(const std::string& tool) const {
    const std::string readme = read_file(Path(BACKPROOF_SOURCE_DIR) / "README.md").value();
    const std::string open = "<!-- elsewhere: " + tool + " -->\n```toml\n";
    const std::size_t begin = readme.find(open);
    REQUIRE(begin != std::string::npos);
    const std::size_t first = begin + open.size();
    return folder.write("c.toml",
                        "state_dir = \"state\"\nscratch_dir = \"scratch\"\n" +
                            moved(readme.substr(first, readme.find("```\n", first) - first)));
  }
  Output call(const std::string& tool) const {
    const Path file = config(tool);
    CHECK(program({"check-config", file.native()}).ended.exit_code == 0);
    Output output = program(
        {"verify", "--config.file", file.native(), "--target", "shop-" + tool, "--format", "json"});
    CHECK(left_in(folder / "scratch").empty());
    CHECK((output.out + output.err).find(secret) == std::string::npos);
    return output;
  }
  json passes(const std::string& tool, const std::string& id) const {
    const Output output = call(tool);
    INFO(output.out << output.err);
    REQUIRE(output.ended.exit_code == 0);
    json run = json::parse(output.out);
    CHECK(run.at("backup").at("id").get<std::string>().find(id) != std::string::npos);
    return run;
  }
  void cannot_tell(const std::string& tool) const {
    const Output output = call(tool);
    INFO(output.out << output.err);
    CHECK(output.ended.exit_code == 2);
    CHECK(json::parse(output.out).at("cause") == "fetch");
  }
};

}  // namespace

TEST_CASE("the README's source for rclone reads a folder and a server") {
  if (missing({"rclone", "jq"})) return;
  const Site site;
  std::filesystem::create_directories(site.folder / "store/shop");
  site.database("store/shop/shop \"1\".db");
  const std::string obscured = sh("printf '%s' " + secret + " | rclone obscure -");
  site.folder.write("etc/offsite.pass", obscured);
  site.folder.write("etc/rclone.conf",
                    "[offsite]\ntype = alias\nremote = " + site.path("store") + "\n");
  site.passes("rclone", "shop \"1\".db");
  const int port = free_port();
  const std::string address = "127.0.0.1:" + std::to_string(port);
  const Child server = serve({"rclone", "serve", "webdav", site.path("store"), "--config",
                              "/dev/null", "--addr", address, "--user", "backup", "--pass", secret},
                             port);
  site.folder.write(
      "etc/rclone.conf",
      "[offsite]\ntype = webdav\nvendor = other\nuser = backup\nurl = http://" + address + "\n");
  const json run = site.passes("rclone", "shop \"1\".db");
  CHECK(run.at("backup").at("bytes") ==
        std::filesystem::file_size(site.folder / "store/shop/shop \"1\".db"));
  site.folder.write("etc/offsite.pass", sh("printf wrong | rclone obscure -"));
  site.cannot_tell("rclone");
}

TEST_CASE("the README's source for aws understands what aws prints") {
  if (missing({"jq"})) return;
  const Site site;
  site.database("srv/backups/shop/1.db");
  site.folder.write("etc/aws.key", secret + "\n");
  site.folder.write(
      "bin/aws",
      "#!/bin/sh\ntest \"$AWS_SECRET_ACCESS_KEY\" = " + secret +
          " || { echo 'An error occurred (SignatureDoesNotMatch)' >&2; exit 254; }\ncase \"$1 $2\" "
          "in\n"
          "'s3api list-objects-v2') echo '{\"Contents\": [{\"Key\": \"shop/1.db\", "
          "\"LastModified\": "
          "\"2026-11-20T03:00:00+00:00\", \"ETag\": \"\\\"0f343b0931126a20f133d67c2b018a3b\\\"\", "
          "\"Size\": '$(stat -c %s " +
          site.path("srv/backups/shop/1.db") +
          ")', \"StorageClass\": \"STANDARD\"}]}' ;;\n's3 cp') cp \"" + site.path("srv/backups") +
          "/${4#s3://example-backups/}\" \"$5\" ;;\nesac\n");
  sh("chmod 755 " + site.path("bin/aws"));
  const std::string before = ::getenv("PATH");
  ::setenv("PATH", (site.path("bin") + ":" + before).c_str(), 1);
  const json run = site.passes("aws", "shop/1.db");
  CHECK(run.at("backup").at("created") == "2026-11-20T03:00:00Z");
  site.folder.write("etc/aws.key", "wrong\n");
  site.cannot_tell("aws");
  ::setenv("PATH", before.c_str(), 1);
}

TEST_CASE("the README's source for ssh reads another host") {
  if (missing({"ssh", "/usr/sbin/sshd", "jq"})) return;
  const Site site;
  site.database("srv/backups/shop/shop 1.db");
  const int port = free_port();
  sh("cd " + site.path("etc") +
     " && ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f user && cp "
     "user.pub authorized && printf '[127.0.0.1]:" +
     std::to_string(port) + " %s\\n' \"$(cut -d' ' -f1,2 host.pub)\" > known");
  site.folder.write("etc/sshd_config", "ListenAddress 127.0.0.1:" + std::to_string(port) +
                                           "\nHostKey " + site.path("etc/host") +
                                           "\nAuthorizedKeysFile " + site.path("etc/authorized") +
                                           "\nStrictModes no\nUsePAM no\nPidFile none\n"
                                           "PasswordAuthentication no\nPermitRootLogin "
                                           "prohibit-password\nSubsystem sftp internal-sftp\n");
  site.folder.write("etc/ssh_config", "Host vault\n  HostName 127.0.0.1\n  Port " +
                                          std::to_string(port) + "\n  User " + sh("id -un") +
                                          "  IdentityFile " + site.path("etc/user") +
                                          "\n  IdentitiesOnly yes\n  BatchMode yes\n"
                                          "  UserKnownHostsFile " +
                                          site.path("etc/known") + "\n");
  if (geteuid() == 0) std::filesystem::create_directories("/run/sshd");
  {
    const Child server =
        serve({"/usr/sbin/sshd", "-D", "-q", "-f", site.path("etc/sshd_config")}, port);
    site.passes("ssh", "shop 1.db");
    sh("chmod 0 " + site.path("etc/authorized") + "; : > " + site.path("etc/authorized"));
    site.cannot_tell("ssh");
  }
  site.cannot_tell("ssh");
}

TEST_CASE("the README's source for restic reads its repository") {
  if (missing({"restic", "jq"})) return;
  const Site site;
  site.folder.write("etc/restic.password", secret + "\n");
  site.database("1.db");
  const std::string restic = "RESTIC_CACHE_DIR=" + site.path("cache/restic") +
                             " RESTIC_PASSWORD_FILE=" + site.path("etc/restic.password") +
                             " restic -q -r " + site.path("srv/restic") + " ";
  sh(restic + "init");
  sh(restic + "backup --stdin --stdin-filename shop.dump --tag shop < " + site.path("1.db"));
  sh("echo nothing | " + restic + "backup --stdin --stdin-filename other --tag other");
  const json run = site.passes("restic", "");
  CHECK(run.at("backup").at("evidence") == "listing");
  CHECK(run.at("backup").at("bytes") == std::filesystem::file_size(site.folder / "1.db"));
  site.folder.write("etc/restic.password", "wrong\n");
  site.cannot_tell("restic");
}

TEST_CASE("the README's source for borg reads its repository") {
  if (missing({"borg", "jq"})) return;
  const Site site;
  site.folder.write("etc/borg.passphrase", secret + "\n");
  site.database("1.db");
  const std::string borg = "BORG_BASE_DIR=" + site.path("cache/borg") +
                           " BORG_PASSPHRASE=" + secret + " BORG_REPO=" + site.path("srv/borg") +
                           " borg ";
  sh(borg + "init --encryption=repokey 2>&1");
  sh(borg + "create --stdin-name shop.dump '::shop-{now}' - < " + site.path("1.db") + " 2>&1");
  sh("echo nothing | " + borg + "create '::other' - 2>&1");
  const json run = site.passes("borg", "shop-");
  const auto created = text::parse_time(run.at("backup").at("created").get<std::string>());
  REQUIRE(created);
  CHECK(std::chrono::abs(system_clock().now() - *created) < 10min);
  site.folder.write("etc/borg.passphrase", "wrong\n");
  site.cannot_tell("borg");
}

TEST_CASE("the README's encrypted backups are decrypted as it says") {
  if (missing({"age", "gpg"})) return;
  const Site site;
  std::filesystem::create_directories(site.folder / "backups");
  site.folder.write("etc/gpg.passphrase", secret + "\n");
  site.database("1.db");
  sh("cd " + site.folder.path().native() +
     " && age-keygen -o etc/age.key 2>/dev/null && age -r $(age-keygen -y etc/age.key) < 1.db > "
     "backups/1.age && mkdir -m 700 etc/gnupg && gpg --homedir etc/gnupg --batch --quiet "
     "--pinentry-mode loopback --passphrase " +
     secret +
     " -c < 1.db > backups/1.gpg; gpgconf --homedir etc/gnupg --kill all; touch -d '1 hour ago' "
     "backups/*");
  const std::string readme = read_file(Path(BACKPROOF_SOURCE_DIR) / "README.md").value();
  const std::string open = "<!-- decrypt -->\n```toml\n";
  const std::size_t first = readme.find(open) + open.size();
  std::string toml = site.moved(readme.substr(first, readme.find("```\n", first) - first));
  replace(toml, "/var/backups/shop", site.path("backups"));
  replace(toml, ", pattern", ", settle = \"0s\", pattern");
  const Path config =
      site.folder.write("c.toml", "state_dir = \"state\"\nscratch_dir = \"scratch\"\n" + toml);
  for (const char* target : {"shop-age", "shop-gpg"}) {
    const Output output = program(
        {"verify", "--config.file", config.native(), "--target", target, "--format", "json"});
    INFO(output.out << output.err);
    CHECK(output.ended.exit_code == 0);
    CHECK((output.out + output.err).find(secret) == std::string::npos);
  }
}
