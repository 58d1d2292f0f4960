# shellcheck shell=bash
# Asks before `etcdctl del` deletes: for bash and zsh, by a line in ~/.bashrc or ~/.zshrc:
#
#   source /path/to/coredeck.sh
#
# `etcdctl del ...` is then explained by coredeck, which counts what it hits now and waits for the key to be typed, and
# for the number of keys where a range is deleted. etcdctl runs only after that, and not at all where no key is now. Every other etcdctl line runs as it always did: nothing is started for it.
#
# Not asked about, because a function is not what runs then: `command etcdctl`, a path (/usr/bin/etcdctl), sudo, env,
# xargs, timeout, watch and whatever else runs etcdctl itself, `kubectl exec`, an alias of yours to one of these,
# scripts, and every shell that is not interactive: there this file does nothing. Nor are deletions that are not `del`:
# txn, lease revoke, make-mirror, snapshot restore, and what watch and lock run. `\etcdctl` is asked about.
#
# It guards against a slip of the hand, and against nobody: what a credential may not delete is said by its role
# (coredeck rbac).

case $- in
*i*) ;;
*) return 0 ;;
esac

# `function` keeps the name from being taken for an alias of yours.
function etcdctl {
    # Long names: a local variable hides one of yours, and an exported one would reach etcdctl so.
    local _coredeck_word _coredeck_next=
    # As etcdctl looks for its command: the first word that is neither a flag nor the value of one.
    for _coredeck_word in "$@"; do
        case $_coredeck_next:$_coredeck_word in
        # Even where it should be a value: another release may take it for the command.
        :del | value:del | unknown:del)
            _coredeck_ask "$@"
            return
            ;;
        value:*) _coredeck_next= ;;
        unknown:*) ;;
        # Flags of every command with a value.
        :--endpoints | :--write-out | :-w | \
            :--dial-timeout | :--command-timeout | :--keepalive-time | :--keepalive-timeout | \
            :--max-request-bytes | :--max-recv-bytes | \
            :--cert | :--key | :--cacert | :--auth-jwt-token | :--user | :--password | \
            :--discovery-srv | :-d | :--discovery-srv-name) _coredeck_next=value ;;
        # Flags of every command without one, any flag with its value in the same word, and an empty word.
        :--debug | :--hex | :--insecure-transport | :--insecure-discovery | :--insecure-skip-tls-verify | \
            :--help | :-h | :--*=* | :-w?* | :-d?* | :) ;;
        # What may have a value or not: the command may be any word behind it.
        :-*) _coredeck_next=unknown ;;
        # Another command.
        *) break ;;
        esac
    done
    command etcdctl "$@"
}

function _coredeck_ask {
    local _coredeck_status=0
    # What is on standard input is etcdctl's; coredeck asks on the terminal.
    command coredeck explain --ask -- etcdctl "$@" </dev/null || _coredeck_status=$?
    case $_coredeck_status in
    0)
        command etcdctl "$@"
        return
        ;;
    # It has said why.
    4) return 4 ;;
    127) printf '%s\n' 'etcdctl was not run, and nothing was deleted: there is no coredeck in PATH to ask first.' >&2 ;;
    *) printf '%s\n' "etcdctl was not run, and nothing was deleted: coredeck ended with $_coredeck_status." >&2 ;;
    esac
    printf '%s\n' 'To delete without being asked: command etcdctl ...' >&2
    return "$_coredeck_status"
}
