#!/bin/bash
# Runs clang-tidy, by .clang-tidy, on every source of sources.list.
#
#   tidy.sh FOLDER   FOLDER is a build by clang: its compile_commands.json is used
#
# A file that passed is passed over until it, a header or .clang-tidy changes.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
stamps=$build/tidy
mkdir -p "$stamps"

newest_header=$(find .clang-tidy engine httpd \( -name '*.h' -o -name .clang-tidy \) -printf '%T@ %p\n' |
  sort -n | tail -n 1 | cut -d ' ' -f 2-)
waiting=()
while read -r file; do
  stamp=$stamps/${file//\//,}
  [[ $stamp -nt $file && $stamp -nt $newest_header ]] || waiting+=("$file")
done < <(grep '\.cpp$' sources.list)

((${#waiting[@]})) || { echo "clang-tidy: nothing has changed"; exit 0; }
echo "clang-tidy: ${#waiting[@]} files"
check_one() {
  if clang-tidy --quiet -p "$1" "$3" 2>"$2.log"; then
    mv "$2.log" "$2"
  else
    cat "$2.log"
    exit 1
  fi
}
export -f check_one
printf '%s\n' "${waiting[@]}" |
  xargs -P "$(nproc)" -I{} bash -c 'check_one "$1" "$2/${3//\//,}" "$3"' _ "$build" "$stamps" {}
