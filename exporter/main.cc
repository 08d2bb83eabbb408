// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli.h"

int main(int argc, char** argv) {
  return backproof::run_command_line(argc, argv);
}
