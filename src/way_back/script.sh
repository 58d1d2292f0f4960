set -u
LC_ALL=C
export LC_ALL

usage() {
    cat <<'END'
sh FILE [--overwrite] [--any-cluster] [--] [PREFIX]
sh FILE --list

  PREFIX         whose keys are put back, as --list shows it
  --overwrite    also overwrite keys that exist; without it they stay as they are
  --any-cluster  write to another cluster than the keys were read from
  --list         show what there is to put back, and end

ETCDCTL names the etcdctl to use, where it is not on the PATH.
END
}

fail() {
    printf 'put-back: %s\n' "$1" >&2
    exit "${2:-1}"
}

prefix=$largest
overwrite=
any_cluster=
while [ $# -gt 0 ]; do
    case $1 in
    --overwrite) overwrite=yes ;;
    --any-cluster) any_cluster=yes ;;
    --list)
        list
        exit 0
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    --) [ $# -lt 2 ] || prefix=$2 ;;
    -*)
        usage >&2
        exit 2
        ;;
    *) prefix=$1 ;;
    esac
    [ "$1" != -- ] || break
    shift
done
choose "$prefix" || {
    printf 'put-back: there are no keys of %s here. There are:\n' "$prefix" >&2
    list >&2
    exit 2
}
[ "$keys" -gt 0 ] || fail "all keys of $prefix have a lease: there are none to put back" 2

# A script that was cut off, or changed on its way, must not put back half of something.
whole() {
    [ "$(tail -n 1 -- "$0")" = "# The end: $lines keys" ] || return 1
    if command -v sha256sum >/dev/null 2>&1; then
        found=$(grep '^put -- "' <"$0" | sha256sum)
        [ "${found%% *}" = "$sha256" ]
    else
        [ "$(grep -c '^put -- "' <"$0")" = "$lines" ]
    fi
}
whole || fail "this script is not whole any more. Nothing was written. Have it written again, from its file."

# etcdctl of a container runs on the host as well, because nothing else belongs to it.
etcdctl=${ETCDCTL:-}
[ -n "$etcdctl" ] || etcdctl=$(command -v etcdctl) || for found in /proc/[0-9]*/root/usr/local/bin/etcdctl; do
    if [ -x "$found" ]; then
        etcdctl=$found
        break
    fi
done
[ -n "$etcdctl" ] || fail "etcdctl is not here. It comes with etcd 3.4 or later: ETCDCTL=/PATH/TO/etcdctl sh $0"
# Up to 3.4 it has to be told which API to use, and from 3.6 it warns of being told.
case $(ETCDCTL_API=3 "$etcdctl" version 2>/dev/null) in
*'etcdctl version: 3.'[0-4].*)
    ETCDCTL_API=3
    export ETCDCTL_API
    ;;
*'etcdctl version: '*) unset ETCDCTL_API ;;
*) fail "$etcdctl does not run, or is no etcdctl. Nothing was written." ;;
esac

if [ -n "${ETCDCTL_USER:-}" ] && [ -z "${ETCDCTL_PASSWORD:-}" ]; then
    [ -t 0 ] || fail "set ETCDCTL_PASSWORD to the password of etcd's user $ETCDCTL_USER"
    printf "Password of etcd's user %s: " "$ETCDCTL_USER"
    stty -echo
    IFS= read -r ETCDCTL_PASSWORD
    stty echo
    printf '\n'
    export ETCDCTL_PASSWORD
fi

# Prints the cluster and how many keys it has below the prefix now.
look() {
    "$etcdctl" get --prefix --limit 1 --keys-only -w fields -- "${below:-/}" |
        sed -n 's/^"ClusterID" : //p; s/^"Count" : //p'
}
now=$(look)
case $now in
*[0-9]*) ;;
*) fail "etcd does not answer at $ETCDCTL_ENDPOINTS. Nothing was written." ;;
esac
found=$(printf '%s\n' "$now" | sed -n 1p)
exist=$(printf '%s\n' "$now" | sed -n 2p)
if [ "$found" != "$cluster" ] && [ -z "$any_cluster" ]; then
    fail "this is another cluster than $cluster_id, where the keys are from. Nothing was written. Where that is meant, add --any-cluster." 4
fi

printf '%s keys of %s, as they were at revision %s of cluster %s\n' "$keys" "$whose" "$revision" "$cluster_id"
printf 'etcd: %s\n' "$ETCDCTL_ENDPOINTS"
[ -z "$below" ] || printf 'There are %s keys below %s now.\n' "${exist:-0}" "$below"
if [ -n "$overwrite" ]; then
    echo 'Keys that exist are OVERWRITTEN.'
else
    echo 'Keys that exist stay as they are.'
fi
[ -z "$leased" ] || printf 'Left out: %s\n' "$leased"
[ -z "$advice" ] || printf '%s\n' "$advice"
printf 'To write, type the number of keys, %s: ' "$keys"
IFS= read -r typed || typed=
[ "$(printf %s "$typed" | tr -d ' ,')" = "$keys" ] || fail "that is not $keys. Nothing was written." 4

written=0
left=0
refused=0
trap 'printf "\n"; fail "broken off: $written keys were put back. Run this again: it goes on where it stopped."' INT TERM HUP

# A transaction for etcdctl: its comparisons, a blank line, what to do then, and what else.
guards() {
    printf '%s\n' "$part" | cut -d '"' -f 2 | sed "s/.*/create(\"&\") $1 \"0\"/"
}
send() {
    "$etcdctl" txn 2>&1
}

# Puts these lines back: all at once, and in halves where some of the keys exist or etcd takes less at once.
put_back() {
    count=$(printf '%s\n' "$1" | grep -c '^put')
    todo=1,$count
    while [ -n "$todo" ]; do
        range=${todo%% *}
        todo=${todo#"$range"}
        todo=${todo# }
        first=${range%,*}
        last=${range#*,}
        size=$((last - first + 1))
        if [ "$size" = "$count" ]; then part=$1; else part=$(printf '%s\n' "$1" | sed -n "${first},${last}p"); fi
        if [ -n "$overwrite" ]; then
            reply=$(printf '\n%s\n\n\n' "$part" | send)
        else
            reply=$({ guards '=' && printf '\n%s\n\n\n' "$part"; } | send)
        fi
        case $reply in
        *SUCCESS*) written=$((written + size)) ;;
        *FAILURE*)
            if [ "$size" -gt 1 ]; then
                reply=$({ guards '>' && printf '\n\n\n'; } | send)
            else
                reply=SUCCESS
            fi
            case $reply in
            *SUCCESS*) left=$((left + size)) ;;
            *FAILURE*) halve ;;
            *) give_up ;;
            esac
            ;;
        *'request is too large'* | *'too many operations'* | *'larger than max'*)
            if [ "$size" -gt 1 ]; then halve; else put_alone; fi
            ;;
        *) give_up ;;
        esac
        if [ -t 1 ]; then printf '\r%s of %s keys ' $((written + left + refused)) "$keys"; fi
    done
}

halve() {
    middle=$(((first + last) / 2))
    todo="$first,$middle $((middle + 1)),$last${todo:+ $todo}"
}

# A value that is as large as etcd takes has no room for a comparison beside it.
put_alone() {
    if [ -z "$overwrite" ]; then
        reply=$({ guards '=' && printf '\n\n\n'; } | send)
        case $reply in
        *SUCCESS*) ;;
        *FAILURE*)
            left=$((left + 1))
            return
            ;;
        *) give_up ;;
        esac
        reply=$(printf '\n%s\n\n\n' "$part" | send)
    fi
    case $reply in
    *SUCCESS*) written=$((written + 1)) ;;
    *'too large'* | *'larger than max'*)
        refused=$((refused + 1))
        printf '\nput-back: too large for this etcd (--max-request-bytes): %s\n' "$(printf '%s\n' "$part" | cut -d '"' -f 2)" >&2
        ;;
    *) give_up ;;
    esac
}

give_up() {
    printf '\n%s\n' "$reply" >&2
    fail "etcd did not take that. $written keys were put back, $left existed. See to it, then run this again: it goes on where it stopped."
}

# The keys of one transaction; those of others are passed over.
batch() {
    [ "$1" = "$prefix" ] || return 0
    put_back "$(cat)"
}

finish() {
    if [ -t 1 ]; then printf '\r'; fi
    printf '%s keys: %s put back, %s existed and stayed as they are, %s refused.\n' "$keys" "$written" "$left" "$refused"
    [ $((written + left + refused)) = "$keys" ] || fail "that does not add up: this script was changed"
    if [ -n "$below" ]; then
        exist=$(look | sed -n 2p)
        printf 'There are %s keys below %s now.\n' "${exist:-0}" "$below"
    fi
    [ "$refused" = 0 ] || exit 7
    exit 0
}
