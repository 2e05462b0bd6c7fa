# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion of asyncjobs for bash, with the functions of bash-completion

# What a word of the command line means, into 'plain'; a quote that is still open,
# into 'quote'. Nothing that stands there is run
_asyncjobs_read ()
{
  local word=$1 c i

  plain='' quote=''
  [[ $word == '~/'* ]] && word=$HOME${word:1}
  for ((i = 0; i < ${#word}; i++)); do
    c=${word:i:1}
    if [[ $quote == "'" && $c != "'" ]]; then
      plain+=$c
    elif [[ $c == '\' ]]; then
      i=$((i + 1))
      [[ $quote == '"' && ${word:i:1} != [\"\$\`\\] ]] && plain+=$c
      plain+=${word:i:1}
    elif [[ -n $quote && $c == "$quote" ]]; then
      quote=''
    elif [[ -z $quote && $c == [\'\"] ]]; then
      quote=$c
    else
      plain+=$c
    fi
  done
}

# Those of some words that continue what was typed, quoted as that is
_asyncjobs_offer ()
{
  local plain quote word before

  _asyncjobs_read "$cur"
  for word; do
    [[ $word == "$plain"* ]] || continue
    case $quote in
      \')
        word=${word//\'/\'\\\'\'} ;;
      \")
        word=${word//\\/\\\\}
        word=${word//\"/\\\"}
        word=${word//\$/\\\$}
        word=${word//\`/\\\`} ;;
      *)
        printf -v word %q "$word"
        # For readline a word begins behind these
        before=${cur%"${cur##*[=:@]}"}
        word=${word#"$before"} ;;
    esac
    COMPREPLY+=("$word")
  done
}

# Options; behind one that ends in '=' its value comes
_asyncjobs_offer_options ()
{
  _asyncjobs_offer "$@"
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}

# What a command that ends its lines by NUL says
_asyncjobs_offer_names ()
{
  local -a names

  mapfile -d '' -t names < <("$@" 2> /dev/null < /dev/null)
  _asyncjobs_offer "${names[@]}"
}

_asyncjobs_offer_jobs_of_file ()
{
  local plain quote folder

  _asyncjobs_read "$directory"
  folder=${plain:-.}
  _asyncjobs_read "$file"
  [[ $plain == - ]] && return
  [[ $plain == /* ]] || plain=$folder/$plain
  _asyncjobs_offer_names "$program" list --names -0 "$plain"
}

_asyncjobs_offer_jobs_of_run ()
{
  local plain quote

  _asyncjobs_read "$journal"
  _asyncjobs_offer_names "$program" logs --names -0 ${journal:+--journal="$plain"}
}

# Job files that were run, and journals elsewhere
_asyncjobs_offer_runs ()
{
  local plain quote folder='' path name

  _asyncjobs_read "$cur"
  [[ $plain == */* ]] && folder=${plain%/*}/
  _filedir journal
  for path in "$folder".asyncjobs/*.journal; do
    [[ -e $path ]] || continue
    name=${path##*/}
    name=$folder${name%.journal}
    [[ -e $name ]] || name=$path
    [[ $name == "$plain"* ]] && COMPREPLY+=("$name")
  done
  compopt -o filenames
}

# The value of an option; 1: it has none
_asyncjobs_offer_value ()
{
  case $command$1 in
    *--only | *--skip)
      _asyncjobs_offer_jobs_of_file ;;
    run--output | resume--output)
      _asyncjobs_offer auto grouped prefixed stream errors none ;;
    *--progress)
      _asyncjobs_offer auto live plain none ;;
    *--color)
      _asyncjobs_offer auto always never ;;
    *-C | *--directory)
      _filedir -d ;;
    graph-f | graph--format)
      _asyncjobs_offer dot svg png mermaid json ;;
    report-f | report--format)
      _asyncjobs_offer html json junit ;;
    logs--journal | graph--journal)
      _asyncjobs_offer_runs ;;
    run--events | run--report | run--trace | run--journal | resume--events | resume--report | \
      resume--trace | resume--journal | graph-o | graph--output | report-o | report--output)
      _filedir ;;
    run-[je] | run--jobs | run--env | run--timeout | resume-[je] | resume--jobs | resume--env | \
      resume--timeout | logs--attempt)
      ;;
    *)
      return 1 ;;
  esac
}

# Goes through the words before the cursor, to find the job file among them
_asyncjobs_look_back ()
{
  local i word wanted=''

  for ((i = 2; i < cword; i++)); do
    word=${words[i]}
    if [[ -n $wanted ]]; then
      case $wanted in
        -C | --directory) directory=$word ;;
        --journal) journal=$word ;;
      esac
      wanted=''
    elif [[ $word == --directory=* ]]; then
      directory=${word#*=}
    elif [[ $word == --journal=* ]]; then
      journal=${word#*=}
    elif [[ $word == --* ]]; then
      [[ $word != *=* && " ${with_value[*]} " == *" $word "* ]] && wanted=$word
    elif [[ $word == -?* ]]; then
      [[ " ${with_value[*]} " == *" $word "* ]] && wanted=$word
    else
      [[ $n_arguments -eq 0 ]] && file=$word
      n_arguments=$((n_arguments + 1))
    fi
  done
}

_asyncjobs ()
{
  local cur prev words cword plain quote program command file='' directory='' journal='' n_arguments=0
  local -a options with_value
  local run='-j --jobs= -k --keep-going -n --dry-run --simulate --timeout= --only= --skip= -e --env=
    --output= --progress= --events= --bus --report= --trace= --color= -q --quiet -v --verbose -C --directory=
    --journal= --no-journal --durable -h --help'

  COMPREPLY=()
  _get_comp_words_by_ref -n =:@ cur prev words cword || return
  _asyncjobs_read "$1"
  program=$plain
  command=${words[1]}
  if [[ $cword -eq 1 ]]; then
    _asyncjobs_offer run resume status logs report watch cancel check list graph --help --version
    return
  fi

  case $command in
    run) options=($run); with_value=(-j -e -C) ;;
    resume) options=(--strict $run); with_value=(-j -e -C) ;;
    status) options=(--json -h --help) ;;
    logs) options=(--journal= --attempt= -f --follow --names -0 --null -h --help) ;;
    report) options=(-f --format= -o --output= -h --help); with_value=(-f -o) ;;
    watch) options=(--plain -h --help) ;;
    check) options=(--connect -h --help) ;;
    list) options=(--names -0 --null -h --help) ;;
    graph) options=(-f --format= -o --output= -s --states --journal= -h --help); with_value=(-f -o) ;;
    cancel) options=(-h --help) ;;
    *) return ;;
  esac
  for prev in "${options[@]}"; do
    [[ $prev == *= ]] && with_value+=("${prev%=}")
  done
  _asyncjobs_look_back

  if [[ $cur == --*=* ]]; then
    prev=${cur%%=*}
    cur=${cur#*=}
    _asyncjobs_offer_value "$prev"
    return
  fi
  _asyncjobs_offer_value "${words[cword - 1]}" && return
  if [[ $cur == -* ]]; then
    _asyncjobs_offer_options "${options[@]}"
    return
  fi

  case $command in
    logs)
      _asyncjobs_offer_jobs_of_run ;;
    resume | status | report | watch | cancel)
      [[ $n_arguments -eq 0 ]] && _asyncjobs_offer_runs ;;
    *)
      if [[ $n_arguments -eq 0 ]]; then
        _filedir '@(yaml|yml|json)'
      elif [[ $command == run ]]; then
        _asyncjobs_offer_jobs_of_file
      fi ;;
  esac
} && complete -F _asyncjobs asyncjobs
