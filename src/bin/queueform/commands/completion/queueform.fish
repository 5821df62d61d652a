# Completion of queueform for fish.

function __queueform_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    for line in (queueform __complete fish -- $words[2..-1] "$last" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$last"
            case ':dirs'
                __fish_complete_directories "$last"
            case '*'
                echo $line
        end
    end
end

complete -c queueform -f -a '(__queueform_complete)'
