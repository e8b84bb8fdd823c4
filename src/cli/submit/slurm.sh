
# Jobs for the shards that are missing, and the job that comes after them. $1: how often that was done before.
submit() {
    size=$(scontrol show config | awk '$1 == "MaxArraySize" { print $3 }')
    if [ "${size:-0}" -lt 1 ]; then
        echo "this Slurm takes no array jobs: its MaxArraySize is ${size:-unknown}" >&2
        exit 2
    fi
    arrays=$("$program" shard missing "$folder" --of "$shards" --arrays "$size") || [ $? -eq 1 ]
    jobs='' refused=''
    while read -r first tasks; do
        if [ -n "$tasks" ]; then
            if id=$(start --job-name=ridethrough --output="$log/%A_%a.txt" --array="$tasks" \
                "$self" shard "$self" "$first" </dev/null); then
                jobs=$jobs:${id%%;*}
            else
                refused="$refused $first"
            fi
        fi
    done <<END
$arrays
END
    if [ -n "$refused" ] && [ -z "$jobs" ]; then
        echo "nothing was submitted; mend what sbatch complains of, then: sh $self" >&2
        exit 2
    fi
    for first in $refused; do
        echo "shards from $first on were refused for now: they follow as missing ones" >&2
    done
    last=$(start --job-name=ridethrough-merge --output="$log/merge-%j.txt" ${jobs:+--dependency=afterany$jobs} \
        "$self" merge "$self" $(($1 + 1)) </dev/null) || {
        echo "the shards were submitted, the job after them was not; when they are there: sh $self" >&2
        exit 2
    }
    last=${last%%;*}
    echo "$last" >"$folder/slurm.job"
    if [ -n "$jobs" ]; then
        echo "shards are made by the array jobs$(echo "$jobs" | tr : ' '), and put together by job $last"
    else
        echo "all $shards shards are there; job $last puts them together"
    fi
}

# One shard. The program takes the place of this script, so that it is told when time is up, and saves what it has.
shard() {
    study "$(($1 + SLURM_ARRAY_TASK_ID))"
}

# After all shards: the result, or what is missing once more. $1: which time this is.
merge() {
    if missing=$("$program" shard missing "$folder" --of "$shards"); then
        together
    elif [ $? -ne 1 ]; then
        exit 2
    elif [ "$1" -gt "$resubmit" ]; then
        echo "still missing after $resubmit resubmissions: $missing" >&2
        echo "$log tells why; mend it, then: sh $self" >&2
        exit 1
    else
        echo "missing, and submitted once more: $missing"
        submit "$1"
    fi
}

case $role in
submit)
    mkdir -p "$folder/log"
    if before=$(cat "$folder/slurm.job" 2>/dev/null) && [ -n "$(squeue --noheader --jobs="$before" 2>/dev/null)" ]; then
        echo "job $before waits for the shards already; to submit them anew, first: scancel $before"
    else
        submit 0
        echo "the result will be $result"
    fi
    ;;
shard) shard "$3" ;;
merge) merge "$3" ;;
*)
    echo "$role is no part of this script: read its first lines" >&2
    exit 2
    ;;
esac
