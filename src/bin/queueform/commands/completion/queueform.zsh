#compdef queueform
# Completion of queueform for zsh.

_queueform() {
    local line value
    local -a found
    for line in "${(@f)$("${words[1]}" __complete zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        case "$line" in
            '') ;;
            :files) _files; return ;;
            :dirs) _files -/; return ;;
            *$'\t'*)
                value="${line%%$'\t'*}"
                found+=("${value//:/\\:}:${line#*$'\t'}")
                ;;
            *) found+=("${line//:/\\:}") ;;
        esac
    done
    (( ${#found} )) && _describe -V queueform found
}

if [ "$funcstack[1]" = "_queueform" ]; then
    _queueform "$@"
else
    compdef _queueform queueform
fi
