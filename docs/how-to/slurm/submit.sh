#!/bin/bash
# Submit an array of N tasks, and the job that merges what they made when all have ended:
#
#   bash submit.sh predict.sbatch N SCANS OUT [OPTION ...]
#   bash submit.sh annotate.sbatch N RECORDS OUT [OPTION ...]
#
# The same line once more does what is missing. HICH names the program, if it isn't in ~/hich.
set -euo pipefail
if [ $# -lt 4 ]; then
    echo "✘ Say: bash submit.sh predict.sbatch N SCANS OUT [OPTION ...]" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
script=$1 tasks=$2 input=$3 out=${4%/}
shift 4
hich=${HICH:-$HOME/hich/env/bin/hich}

if [ ! -x "$hich" ]; then
    echo "✘ $hich: not there; name the program by HICH=.../bin/hich." >&2
    exit 1
fi

# What the run is made with, to build the same environment from.
mkdir -p "$out.work"
"$(dirname "$hich")/python" -m pip list --format=freeze --exclude-editable \
    --exclude hich-workflow > "$out.work/constraints.txt"

array=$(sbatch --parsable --array="1-$tasks" "$here/$script" "$input" "$out" "$@")
array=${array%%;*} # a cluster's name may follow
# afterany: a scan that can't be read ends its task with exit code 1. `hich merge` looks itself
# whether all is there, and else says what is missing.
merge=$(sbatch --parsable --dependency="afterany:$array" "$here/merge.sbatch" "$out")
echo "$array ${merge%%;*}"
