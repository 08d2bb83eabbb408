// SPDX-License-Identifier: Apache-2.0
// The second name that CivetWeb opens (see libssl.cc): nothing but a way to libcrypto.so.3.
extern "C" const char backproof_tls_crypto[] = "libcrypto.so.3";
