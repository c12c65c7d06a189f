# Shell functions to show progress: one line for a step, its output in a log file. To be sourced.

# step TITLE LOG COMMAND...: runs the command. Its output goes to LOG; where it fails, the end of
# LOG is shown and the script ends.
step() {
  local title=$1 log=$2 started=$SECONDS
  shift 2
  mkdir -p "$(dirname "$log")"
  printf '%-44s ' "$title"
  if "$@" >"$log" 2>&1 </dev/null; then
    printf 'done, %d s\n' $((SECONDS - started))
  else
    printf 'FAILED\n\n'
    tail -n 30 "$log"
    printf '\nThe whole output: %s\n' "$log"
    exit 1
  fi
}

# shown_step TITLE COMMAND...: the same for a command that shows its own progress.
shown_step() {
  local title=$1
  shift
  printf '%s\n' "$title"
  "$@" </dev/null || { printf '\n%s: FAILED\n' "$title"; exit 1; }
}

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}
