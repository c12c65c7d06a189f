#!/bin/sh
# Is every C++ file as clang-format writes it?
cd "$(dirname "$0")/../.." || exit 1
find engine httpd tools bench tests -name '*.h' -o -name '*.cpp' | sort |
  xargs clang-format --dry-run -Werror mod_iip.cpp
