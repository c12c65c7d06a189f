#!/bin/bash
# Does Makefile.apxs build a module that httpd loads, that exports its record alone, and that
# `make install` puts where it belongs?
set -euo pipefail
cd "$(dirname "$0")/../.."
# How fast the module is does not matter here, only that it is made.
make -s -j "$(nproc)" -f Makefile.apxs CXXFLAGS=-O0
module=build-apxs/mod_iip.so

exported=$(nm -D --defined-only "$module" | awk '{print $3}' | sed 's/@.*//')
[[ $exported == iip_module ]] || { echo "exported: $exported"; exit 1; }

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
make -s -f Makefile.apxs CXXFLAGS=-O0 install DESTDIR="$root"
installed=$root$(apxs -q LIBEXECDIR)/mod_iip.so
cmp "$module" "$installed"

mkdir "$root/logs"
# httpd takes it and knows its directives.
printf '%s\n' "ServerRoot \"$root\"" "Listen 127.0.0.1:1" "ServerName 127.0.0.1" \
  "LoadModule mpm_event_module \"$(apxs -q LIBEXECDIR)/mod_mpm_event.so\"" \
  "LoadModule iip_module \"$installed\"" "IIPMaxCVT 4000" >"$root/httpd.conf"
"$(apxs -q SBINDIR)/$(apxs -q PROGNAME)" -t -f "$root/httpd.conf"
echo "Makefile.apxs: builds, installs, loads"
