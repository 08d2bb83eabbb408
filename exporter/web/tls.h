// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "exporter/web/config.h"

// OpenSSL's own, so that only tls.cc needs its headers.
struct ssl_ctx_st;

namespace backproof::web {

using TlsContext = std::shared_ptr<ssl_ctx_st>;

// Makes the libraries known that CivetWeb opens by name for TLS (exporter/tls/). Before the first
// server with TLS; harmless when repeated. The error says which is missing and where it was looked
// for.
Result<void> load_tls_libraries();

// Everything that `settings` say, read from their files now: nothing is asked of the disk later.
// Null with at least one problem, which names key and line.
TlsContext make_tls_context(const TlsSettings& settings, Problems& problems);

// For a server that shall go on while certificates are renewed: holds nothing itself, but has every
// new connection ask `current` for the context that is in force then. `current` is called from many
// threads, as long as there are connections; null refuses the connection.
TlsContext make_switching_context(std::function<TlsContext()> current);

}  // namespace backproof::web
