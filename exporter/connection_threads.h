// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace backproof {

// A connection holds a thread as long as it is open, also one that says nothing. Threads, queue and
// what the rest of the program opens stay below 1024, the usual limit of descriptors: idle
// connections must not take them from a verification.
constexpr std::size_t most_connection_threads = 600;

// How many of them a server may have here: three quarters of the threads that are to be had
// beside the service's own, for
// the library takes every one that it can get up to its number, and a user, a service or a
// container may have few. Starts as many as it can to find out, and warns when they are few: to be
// called before any other thread starts something. They are gone when it returns.
std::size_t threads_for_connections();

}  // namespace backproof
