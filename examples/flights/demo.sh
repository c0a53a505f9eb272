#!/usr/bin/env bash
# From a real training run to a verified report, on the 336,776 flights that left New York in 2013.
#
#   examples/flights/demo.sh [FOLDER]      FOLDER (default .demo) is made afresh every time
#
# Needs `auditkit` and the dependency group `example` on PATH. Stops at the first step that does
# not behave as announced. The key it makes stays in FOLDER; your own configuration is not touched.
# DEMO_EVERY=N keeps every Nth flight only.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
base=$(realpath --canonicalize-missing "${1:-.demo}")
project=$base/flights
export XDG_CONFIG_HOME=$base/config XDG_STATE_HOME=$base/state XDG_CACHE_HOME=$base/cache
unset "${!AUDITKIT_@}" # nothing of the visitor's own settings may show

bold='' dim='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi

heading() { printf '\n%s== %s%s\n' "$bold" "$1" "$plain"; }
explain() { printf '%s\n' "$@"; }
show() {
    local word line=''
    for word; do
        [[ $word != *' '* ]] || word=${word@Q}
        line+=" $word"
    done
    printf '\n%s$%s%s\n' "$bold" "$line" "$plain"
}
fail() { printf '\n%sThe demo failed: %s%s\n' "$bold" "$1" "$plain" >&2; exit 1; }

attempt() { # attempt CODE COMMAND...: run a command that has to end with this exit code
    local wanted=$1
    shift
    code=0
    show "$@"
    "$@" || code=$?
    [[ $code == "$wanted" ]] || fail "'$*' ended with $code, expected $wanted"
}
run() { attempt 0 "$@"; }
expect() {
    attempt "$@"
    printf '%s(exit code %s)%s\n' "$dim" "$code" "$plain"
}

record_stages() {
    explain "" "Every run goes into a registry: here a folder, for a team a bucket. It has a log that can" \
        "only grow. Who keeps its checkpoint, three lines, can tell for ever if a run is dropped:"
    run auditkit record --pending
    run auditkit log status --no-probe -o ../kept.checkpoint
}
show_lineage() {
    explain "" "What was the model made from? Runs are joined by the digests of what they wrote and read:"
    run auditkit lineage models/model.joblib --upstream
    run auditkit lineage models/model.joblib --upstream -o ../lineage.svg
}
drop_a_run() {
    explain "The keeper of the registry has the key of its log, and would rather not have that validation." \
        "In a copy of the registry the log is written anew without it, and signed:"
    cp -r ../registry ../rewritten
    run python "$(realpath --relative-to=. "$here/rewrite_history.py")" ../rewritten \
        --key "$XDG_CONFIG_HOME/auditkit/keys/flights-log.pem" --drop 1
    explain "" "Somebody who never saw this log before finds nothing wrong with it, and is told what that" \
        "is worth: a rollback is not excluded."
    expect 0 env XDG_STATE_HOME="$base/nobody" auditkit log verify --quiet --registry ../rewritten
    explain "" "Whoever kept the checkpoint, or has a report that prints it, is not deceived:"
    expect 10 auditkit log consistency ../kept.checkpoint --registry ../rewritten
    explain "" "The true registry still extends what was kept:"
    expect 0 auditkit log consistency ../kept.checkpoint
}

if [[ -d $base && -n $(ls -A "$base") && ! -e $base/.made-by-demo ]]; then
    fail "$base holds something else; name a folder that does not exist yet"
fi
rm -rf "$base"
mkdir -p "$project"
touch "$base/.made-by-demo"

heading "1/7  A pipeline in a Git repository, and a key"
explain "Four stages as a team would have them. auditkit init writes auditkit.toml and a first key:" \
    "the private half goes to the configuration folder, never into the project. What the team" \
    "declares about its data (source, licence, contact, the split's rule) goes into the same file." \
    "--registry makes a place for the records, with a log whose key is another one."
cp "$here"/pipeline/{.gitignore,params.yaml,*.py} "$project"
cd "$project"
run git init --quiet --initial-branch=main
git config user.name "Delay model team"
git config user.email "delay-model@example.com"
git config commit.gpgsign false
run auditkit init --project flights --registry ../registry
cat "$here/datasets.toml" >>auditkit.toml
run git add .
run git commit --quiet --message "Predict arrival delays"

heading "2/7  Run the stages; each leaves a signed record"
explain "'run' wraps a command: it reads the inputs before the command starts and the outputs after" \
    "it ends. What each stage may read and write is said by name, so the names meet again later."
run python fetch.py ${DEMO_EVERY:+--every "$DEMO_EVERY"}
run auditkit run --name ingest --dataset raw=data/raw/flights.csv --output flights=data/flights \
    -- python ingest.py
run auditkit run --name validate --dataset flights=data/flights \
    --output checks=reports/validation.json -- python validate.py
run auditkit run --name transform --dataset flights=data/flights \
    --output train=data/features/train --output validation=data/features/validation \
    --output test=data/features/test -- python transform.py
explain "" "A run that has finished is recorded with 'capture':"
run python train.py
run auditkit capture --name train --metrics metrics.json --dataset train=data/features/train \
    --dataset validation=data/features/validation --dataset test=data/features/test \
    --output model=models/model.joblib
explain "" "Its predictions go into a Delta table. The record is of one version, with the files that" \
    "make it up, the log that says so, and the rows in any order, as a table has none:"
run auditkit run --name score --dataset model=models/model.joblib --dataset test=data/features/test \
    --output scores=delta:data/scores -- python score.py
record_stages

heading "3/7  Verify: read everything again and compare"
explain "No target means every run under evidence/. The signatures hold, the commit is in the repository," \
    "and every stored byte is the byte that was recorded: exit code 0."
expect 0 auditkit verify --repo .
explain "" "The auditor's question is about a model file. Its digest leads to the run that made it:"
expect 0 auditkit verify models/model.joblib
show_lineage

heading "4/7  Somebody edits one value in one Parquet file"
explain "A late flight becomes a punctual one: same rows, same schema, same number of rows."
tampered=data/features/train/month=7/part-0.parquet
cp "$tampered" "$base/original.parquet"
run python "$(realpath --relative-to=. "$here/edit_one_value.py")" "$tampered" \
    --column arr_delay --row 10 --value 0
explain "" "The file is an output of 'transform' and an input of 'train', so two runs no longer hold." \
    "Look for the lines with dataset.content: they name the column, the rows and the file."
expect 10 auditkit verify --repo .
found=$(auditkit verify --quiet 2>&1 || true)
located='column .arr_delay., rows [0-9,-]+, file month=7/part-0\.parquet'
sentence=$(grep --only-matching --max-count=1 --extended-regexp "$located.*" <<<"$found") ||
    fail "verify did not name the edited column, rows and file"
cp "$base/original.parquet" "$tampered"
explain "" "The file is put back, and the evidence holds again:"
expect 0 auditkit verify models/model.joblib

heading "5/7  The Delta table is compacted, and its old files are removed"
explain "OPTIMIZE writes the rows into one file, VACUUM removes those that the newest version does not" \
    "need. The recorded version cannot be read again, and the table's own log shows why: 'expired'." \
    "Nothing says that it was changed, and nothing that it was not. That is no pass: exit code 11."
run python "$(realpath --relative-to=. "$here/compact_and_vacuum.py")" data/scores
expect 11 auditkit verify --only scores flights/latest
explain "" "Are today's rows the recorded ones? Every one is read and compared: other files, the same rows."
expect 0 auditkit verify --only scores --against latest flights/latest

heading "6/7  Somebody drops a run from the registry"
drop_a_run

heading "7/7  The report that goes to the file"
expect 0 auditkit report --repo . --parents evidence models/model.joblib -o ../report.html
expect 0 auditkit report --repo . --parents evidence models/model.joblib -o ../report.pdf

heading "Done in $SECONDS seconds. Open:"
explain "  $base/report.html" "  $base/report.pdf" "  $base/lineage.svg" "" \
    "The project with its evidence is in $project: change something and verify again:" \
    "  cd $project && $(command -v auditkit) verify" "" \
    "What verify said about the edited value: $sentence"
