#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Makes bash's completion of sluicectl, of what sluicectl says to --help.

usage: make_completion.py SLUICECTL OUTPUT
"""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from help_text import help_of       # noqa: E402

SCRIPT = """\
# SPDX-License-Identifier: BSD-3-Clause
# bash completion for sluicectl; made by dist/completion/make_completion.py
_sluicectl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local -A args=(@args@) values=(@values@) before=(@before@)
	local options="@options@" keys="@keys@" skip=0 cmd= takes i word
	local -a rest=()

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((skip)); then
			skip=0
		elif [[ " @with_value@ " == *" $word "* ]]; then
			skip=1
		elif [[ $word == -* ]]; then
			:
		elif [[ -z $cmd ]]; then
			cmd=$word
		elif ((${#rest[@]})) && [[ ${before[${rest[-1]}]:-none} == "$word" ]]; then
			: # and its value are two words
		else
			rest+=("$word")
		fi
	done
	takes=" ${args[${cmd:-none}]:-} "
	if ((skip)) || [[ $takes == *" FILE "* && $cur != -* ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	if [[ $cur == -* ]]; then
		word=$options
	elif [[ -z $cmd ]]; then
		word=${!args[*]}
	elif [[ $takes != *" vf "* ]]; then
		# What to do, where that is the next word: "create N | destroy".
		word=
		((${#rest[@]})) || word=$(tr ' ' '\n' <<<"$takes" | grep -x '[a-z]*')
	else
		# Behind "vf N" come keys, each with its value.
		for ((i = 0; i < ${#rest[@]}; i++)); do
			[[ ${rest[i]} == vf ]] && break
		done
		case $((${#rest[@]} - i)) in
		0) word=vf ;;
		1) word=$(printf '%s\\n' /sys/bus/pci/devices/*/virtfn* |
			sed -n 's/.*virtfn\\([0-9]*\\)$/\\1/p' | sort -un) ;;
		*)
			word=
			if [[ $takes == *" KEY "* ]]; then
				word=$keys
				(((${#rest[@]} - i) % 2)) && word=${values[${prev:-none}]:-}
			fi
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$word" -- "$cur")
}
complete -F _sluicectl sluicectl
"""


def words_of(values):
    """The words to choose from, if there is nothing but words: "auto, enable or disable"; of "vf N"
    the first."""
    words = re.split(r", | or ", re.sub(r"([a-z]+) N\b", r"\1", values))
    return " ".join(words) if all(re.fullmatch(r"[a-z]+", word) for word in words) else ""


def table(rows):
    return " ".join(f'[{name}]="{text}"' for name, text in rows)


def main(program, output):
    told = help_of(program)
    keys = told.lists.get("KEY and VALUE", [])
    options = [re.sub(r"^-\w, ", "", row.term).split() for row in told.options]
    parts = {
        "args": table((row.words()[0], " ".join(row.words()[1:]).replace("[", "").replace("]", ""))
                      for row in told.commands),
        "before": table((row.term, match[1]) for row in keys
                        if (match := re.search(r"\b([a-z]+) N\b", row.columns[0]))),
        "values": table((row.term, words_of(row.columns[0])) for row in keys),
        "keys": " ".join(row.term for row in keys),
        "options": " ".join(option[0] for option in options),
        "with_value": " ".join(option[0] for option in options if len(option) > 1),
    }
    script = SCRIPT
    for name, text in parts.items():
        script = script.replace(f"@{name}@", text)
    with open(output, "w", encoding="utf-8") as file:
        file.write(script)


if __name__ == "__main__":
    main(*sys.argv[1:])
