# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion of asyncjobs for fish

# The words before the cursor that are no options, without the name of the command
# asyncjobs; with 'directory' or 'journal', the value of that option
function __asyncjobs_words
    set -l words (commandline -opc)
    set -l with_value -j -e -C -o --jobs --timeout --only --skip --env --output --progress --events \
        --report --trace --color --directory --journal --attempt --format
    set -l wanted
    contains -- "$words[2]" graph report; and set -a with_value -f

    for word in $words[2..-1]
        if set -q wanted[1]
            switch "$argv $wanted"
                case 'directory -C' 'directory --directory' 'journal --journal'
                    echo -- $word
            end
            set -e wanted
        else if string match -q -- '--*=*' $word
            set -q argv[1]; and string replace -f -- "--$argv=" '' $word
        else if contains -- $word $with_value
            set wanted $word
        else if not string match -q -- '-?*' $word
            set -q argv[1]; or echo -- $word
        end
    end
end

function __asyncjobs_is
    set -l words (__asyncjobs_words)
    contains -- "$words[1]" $argv
end

# Whether the word at the cursor is the first one behind one of these commands
function __asyncjobs_is_first
    set -l words (__asyncjobs_words)
    test (count $words) -eq 1; and contains -- $words[1] $argv
end

# Files as fish itself completes them, where the word at the cursor is this one
function __asyncjobs_paths
    complete -C "__fish_command_without_completions $argv" | string replace -r -- '\t.*' ''
end

function __asyncjobs_files
    __asyncjobs_paths (commandline -ct) | string match -r -- '^.*(?:/|\.ya?ml|\.json)$'
end

# Job files that were run, and journals elsewhere
function __asyncjobs_runs
    set -l word (commandline -ct | string replace -r -- '^--journal=' '')
    set -l folder (string match -r -- '^.*/' $word; or echo)

    for journal in (__asyncjobs_paths $folder.asyncjobs/ | string match -- '*.journal')
        set -l file (string replace -r -- '\.asyncjobs/([^/]*)\.journal$' '$1' $journal)
        test -e (string replace -r -- '^~/' $HOME/ $file); and echo -- $file; or echo -- $journal
    end
    __asyncjobs_paths $word | string match -r -- '^.*(?:/|\.journal)$'
end

# A line is one candidate, and a tab begins its description
function __asyncjobs_names
    $argv 2>/dev/null </dev/null | string split0 | string match -v -r -- '[\n\t]'
end

function __asyncjobs_jobs_of_file
    set -l words (commandline -opc)
    set -l file (__asyncjobs_words)[2]
    set -l directory (__asyncjobs_words directory)[-1]

    test -n "$file" -a "$file" != -; or return
    set file (string replace -r -- '^~/' $HOME/ $file)
    if not string match -q -- '/*' $file
        test -n "$directory"; or set directory .
        set file (string replace -r -- '^~/' $HOME/ $directory)/$file
    end
    __asyncjobs_names (string replace -r -- '^~/' $HOME/ $words[1]) list --names -0 $file
end

function __asyncjobs_jobs_of_run
    set -l words (commandline -opc)
    set -l journal (__asyncjobs_words journal)[-1]

    test -n "$journal"; and set journal --journal=(string replace -r -- '^~/' $HOME/ $journal)
    __asyncjobs_names (string replace -r -- '^~/' $HOME/ $words[1]) logs --names -0 $journal
end

complete -c asyncjobs -f

complete -c asyncjobs -n __fish_is_first_token -a run -d 'Run the jobs of a file'
complete -c asyncjobs -n __fish_is_first_token -a resume -d 'Go on where an interrupted run stopped'
complete -c asyncjobs -n __fish_is_first_token -a status -d 'Say how a run goes on, or how it ended'
complete -c asyncjobs -n __fish_is_first_token -a logs -d 'Show what jobs have printed'
complete -c asyncjobs -n __fish_is_first_token -a report -d 'Make a report of a run'
complete -c asyncjobs -n __fish_is_first_token -a watch -d 'Watch a run that goes on in another terminal'
complete -c asyncjobs -n __fish_is_first_token -a cancel -d 'End a run that goes on, or what one has left behind'
complete -c asyncjobs -n __fish_is_first_token -a check -d 'Say what is wrong with a job file, or how big it is'
complete -c asyncjobs -n __fish_is_first_token -a list -d 'List jobs in an order in which they can run'
complete -c asyncjobs -n __fish_is_first_token -a graph -d 'Draw jobs and requirements'
complete -c asyncjobs -n __fish_is_first_token -l version -d 'Show the version'
complete -c asyncjobs -s h -l help -d 'Show help'

# What comes behind a command
complete -c asyncjobs -n '__asyncjobs_is_first run check list graph' -a '(__asyncjobs_files)'
complete -c asyncjobs -n '__asyncjobs_is_first resume status report watch cancel' -a '(__asyncjobs_runs)'
complete -c asyncjobs -n '__asyncjobs_is run' -a '(__asyncjobs_jobs_of_file)'
complete -c asyncjobs -n '__asyncjobs_is logs' -a '(__asyncjobs_jobs_of_run)'

set -l running '__asyncjobs_is run resume'
complete -c asyncjobs -n $running -s j -l jobs -x -d 'At most so many jobs at once'
complete -c asyncjobs -n $running -s k -l keep-going -d 'After a failure, run all that does not need what failed'
complete -c asyncjobs -n $running -s n -l dry-run -d 'Only print what would run, in order'
complete -c asyncjobs -n $running -l simulate -d 'With -n: when, by recorded durations'
complete -c asyncjobs -n $running -l timeout -x -d 'End the run after so long'
complete -c asyncjobs -n $running -l only -x -a '(__asyncjobs_jobs_of_file)' -d 'Run this job without what it requires'
complete -c asyncjobs -n $running -l skip -x -a '(__asyncjobs_jobs_of_file)' -d 'Leave out this job'
complete -c asyncjobs -n $running -s e -l env -x -d 'Set a variable for all commands'
complete -c asyncjobs -n $running -l output -x -a 'auto grouped prefixed stream errors none' -d 'What jobs print'
complete -c asyncjobs -n $running -l progress -x -a 'auto live plain none' -d 'How the run goes on'
complete -c asyncjobs -n $running -l events -r -F -d 'Write events as lines of JSON'
complete -c asyncjobs -n $running -l report -r -F -d 'Write all about the run at its end'
complete -c asyncjobs -n $running -l trace -r -F -d 'Write when each attempt ran'
complete -c asyncjobs -n $running -l bus -d 'Show the run on D-Bus'
complete -c asyncjobs -n $running -l color -x -a 'auto always never' -d 'Colours'
complete -c asyncjobs -n $running -s q -l quiet -d 'No progress, output only of what fails'
complete -c asyncjobs -n $running -s v -l verbose -d 'Show commands, and what became of the rest'
complete -c asyncjobs -n $running -s C -l directory -x -a '(__fish_complete_directories)' -d 'Change to this directory first'
complete -c asyncjobs -n $running -l journal -r -F -d 'Keep the journal here'
complete -c asyncjobs -n $running -l no-journal -d 'Keep no journal'
complete -c asyncjobs -n $running -l durable -d 'Wait for the disk'

complete -c asyncjobs -n '__asyncjobs_is resume' -l strict -d 'Run nothing where a job has changed'
complete -c asyncjobs -n '__asyncjobs_is status' -l json -d 'As JSON, for programs'
complete -c asyncjobs -n '__asyncjobs_is watch' -l plain -d 'A line for each event'
complete -c asyncjobs -n '__asyncjobs_is check' -l connect -d 'Also connect to each node'
complete -c asyncjobs -n '__asyncjobs_is list logs' -l names -d 'Only names, for programs'
complete -c asyncjobs -n '__asyncjobs_is list logs' -s 0 -l null -d 'With --names: a NUL behind each'
complete -c asyncjobs -n '__asyncjobs_is logs graph' -l journal -x -a '(__asyncjobs_runs)' -d 'Of this journal'
complete -c asyncjobs -n '__asyncjobs_is logs' -l attempt -x -d 'Of this attempt'
complete -c asyncjobs -n '__asyncjobs_is logs' -s f -l follow -d 'Wait for more as long as the run goes on'
complete -c asyncjobs -n '__asyncjobs_is graph' -s f -l format -x -a 'dot svg png mermaid json' -d 'In which form'
complete -c asyncjobs -n '__asyncjobs_is report' -s f -l format -x -a 'html json junit' -d 'In which form'
complete -c asyncjobs -n '__asyncjobs_is graph report' -s o -l output -r -F -d 'Write to this file'
complete -c asyncjobs -n '__asyncjobs_is graph' -s s -l states -d 'Show how the last run goes on, or how it ended'
