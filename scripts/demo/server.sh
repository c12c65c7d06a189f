# Shell functions around the demo's httpd: where its files lie, its configuration, start and stop.
# To be sourced after scripts/steps.sh, from the root of the repository.

STATE=${IIP_DEMO_STATE:-$PWD/build/demo}  # configuration, logs, process id, mostly the pictures too
PID_FILE=$STATE/run/httpd.pid
CONF=$STATE/conf/httpd.conf

# httpd drops root's rights: who its children are then.
httpd_user() {
  local user
  for user in www-data apache httpd nobody; do
    id "$user" >/dev/null 2>&1 && { echo "$user"; return; }
  done
}

# can_be_read_by USER FOLDER
can_be_read_by() {
  setpriv --reuid="$1" --regid="$(id -g "$1")" --clear-groups test -r "$2" -a -x "$2"
}

# Where the pages and pictures lie. A repository in /root, say, is closed to httpd's children.
served_folder() {
  local elsewhere
  elsewhere=/var/tmp/mod_iip-demo-$(printf '%s' "$STATE" | cksum | cut -d ' ' -f 1)
  if ((EUID != 0)) || can_be_read_by "$(httpd_user)" "$STATE"; then
    echo "$STATE/served"
    return
  fi
  mkdir -m 755 "$elsewhere" 2>/dev/null || true
  [[ -d $elsewhere && -O $elsewhere && ! -L $elsewhere ]] ||
    fail "$elsewhere is not a folder of root's: remove it and run this again."
  echo "$elsewhere"
}

# The process id of our running httpd; nothing where it is not running. A process id in a stale
# file may meanwhile be anyone's: ours has our configuration on its command line.
running_pid() {
  local pid
  [[ -f $PID_FILE ]] || return 0
  pid=$(<"$PID_FILE")
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 0
  if tr '\0' '\n' <"/proc/$pid/cmdline" | grep -xF "$CONF" >/dev/null; then echo "$pid"; fi
}

# answers PORT: does the demo's page answer there?
answers() {
  python3 - "http://127.0.0.1:$1/samples.json" <<'PYTHON' 2>/dev/null
import sys, urllib.request
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
direct.open(sys.argv[1], timeout=5)
PYTHON
}

# free_port [WANTED]: WANTED if it is free, else another.
free_port() {
  python3 - "${1:-0}" <<'PYTHON'
import socket, sys
for port in (int(sys.argv[1]), 0):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(listener.getsockname()[1])
        break
PYTHON
}

# Has the module or anything of the demo changed since httpd started?
is_outdated() {
  [[ -n $(find build/mod_iip.so scripts/demo "$IMAGES/samples.json" -newer "$PID_FILE" -print -quit) ]]
}

# write_from_template TEMPLATE FILE: with every @NAME@ filled in.
write_from_template() {
  local text user=""
  ((EUID != 0)) || user="User $(httpd_user)"$'\n'"Group $(id -gn "$(httpd_user)")"
  text=$(<"$1")
  text=${text//@STATE@/"$STATE"}
  text=${text//@PORT@/"$PORT"}
  text=${text//@USER@/"$user"}
  text=${text//@MODULES@/"$(apxs -q LIBEXECDIR)"}
  text=${text//@MODULE@/"$PWD/build/mod_iip.so"}
  text=${text//@WWW@/"$WWW"}
  text=${text//@IMAGES@/"$IMAGES"}
  printf '%s\n' "$text" >"$2"
}

# The page, the viewer and what the page shows of the configuration: the very files that are used.
write_site() {
  local template name
  printf '%s\n' "$SERVED" >"$STATE/served-folder"
  mkdir -p "$STATE/run" "$STATE/log" "$STATE/conf/services" "$WWW/conf" "$WWW/gallery"
  cp scripts/demo/page/* "$WWW/"
  cp -r "$STATE/npm/node_modules/openseadragon/build/openseadragon" "$WWW/"
  cp "$IMAGES/samples.json" "$WWW/"
  for template in scripts/demo/conf/services/*.conf.in; do
    name=$(basename "$template" .in)
    write_from_template "$template" "$STATE/conf/services/$name"
    cp "$STATE/conf/services/$name" "$WWW/conf/$name"
  done
  cp scripts/demo/conf/htaccess "$WWW/gallery/.htaccess"
  cp scripts/demo/conf/htaccess "$WWW/conf/document.conf"
  cp scripts/demo/conf/mime.types "$STATE/conf/mime.types"
  write_from_template scripts/demo/conf/httpd.conf.in "$CONF"
  # The document root's own pictures: the same files under a second name.
  for name in "$IMAGES"/*.{tif,jpg,jp2}; do
    ln -f "$name" "$WWW/gallery/" 2>/dev/null || cp -u "$name" "$WWW/gallery/"
  done
  chmod -R a+rX "$SERVED"
}

httpd_program() {
  local folder
  folder=$(apxs -q SBINDIR)
  echo "$folder/$(apxs -q PROGNAME)"
}

start_httpd() {
  local tries
  : >"$STATE/log/error.log"
  if "$(httpd_program)" -f "$CONF" -k start; then
    for tries in {1..50}; do
      [[ -n $(running_pid) ]] && answers "$PORT" && return
      sleep 0.2
    done
  fi
  printf 'httpd does not run. The end of its error log, %s/log/error.log:\n' "$STATE"
  tail -n 20 "$STATE/log/error.log"
  return 1
}

# stop_httpd: true if it was running.
stop_httpd() {
  local pid tries
  pid=$(running_pid)
  [[ -n $pid ]] || return 1
  kill -TERM "$pid"
  for tries in {1..100}; do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  fail "httpd (process $pid) does not end."
}
