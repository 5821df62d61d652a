# Completion of queueform for bash.

_queueform() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case "$line" in
            :files)
                compopt -o default 2>/dev/null
                return
                ;;
            :dirs)
                compopt -o dirnames 2>/dev/null
                return
                ;;
            *=)
                compopt -o nospace 2>/dev/null
                COMPREPLY+=("$line")
                ;;
            *) COMPREPLY+=("$line") ;;
        esac
    done < <("${COMP_WORDS[0]}" __complete bash -- "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}

complete -F _queueform queueform
