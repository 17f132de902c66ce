# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# A private apt configuration under build/apt/: the machine's own Debian
# sources, each with its source packages and the release's backports added.
# Mirrors, keys and options are copied from /etc/apt, which is only read.
# To be sourced after common.sh.

APT_DIR=$BUILD/apt
APT_OPTIONS=(
	-o Dir::Etc::sourcelist=/dev/null
	-o Dir::Etc::sourceparts="$APT_DIR/sources.list.d"
	-o Dir::State::lists="$APT_DIR/lists"
	-o Dir::Cache="$APT_DIR/cache"
	-o Dir::Cache::archives="$APT_DIR/archives"
	-o Dir::Cache::pkgcache=pkgcache.bin
	-o Dir::Cache::srcpkgcache=srcpkgcache.bin
	-o Acquire::Languages=none
	-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
	-o Acquire::Retries=3
	-o APT::Sandbox::User=root
	-o DPkg::Lock::Timeout=600
)

os_release()
{
	# shellcheck disable=SC1091
	(. /etc/os-release && printf '%s' "${!1-}")
}

# Debian 12's QEMU (7.2) and kernel (6.1) are too old for 82576 with SR-IOV; what
# comes later is new enough without backports.
apt_needs_backports()
{
	[[ $(os_release VERSION_ID) == 12 ]]
}

apt_backports_suite()
{
	apt_needs_backports && printf '%s-backports' "$(os_release VERSION_CODENAME)"
}

# Both filters keep what belongs to the Debian release and drop third parties: a suite
# counts when it is the code name or an alias of it, with or without -updates and the like,
# and has a component "main".
readonly APT_AWK_SUITES='
	function base_suite(s) {
		return s == codename || s ~ /^((old)*stable|testing|unstable|sid)$/
	}
	function debian_suite(s) {
		sub(/(-updates|-security|-proposed-updates|-backports|\/updates)$/, "", s)
		return base_suite(s)
	}
	function has_main(components) { return components ~ /(^|[ \t])main([ \t]|$)/ }
'

# stdin: deb822 stanzas; stdout: the wanted ones, with source packages, then backports
apt_convert_deb822()
{
	awk -v codename="$1" -v backports="$2" "$APT_AWK_SUITES"'
	function finish(   n, suite, i, kept, base) {
		n = split(field["suites"], suite, /[ \t]+/)
		for (i = 1; i <= n; i++) {
			if (debian_suite(suite[i]))
				kept = kept " " suite[i]
			if (base_suite(suite[i]))
				base = suite[i]
		}
		if (kept != "" && has_main(field["components"]) &&
		    field["types"] ~ /(^|[ \t])deb([ \t]|$)/ &&
		    field["enabled"] !~ /^(no|false|0)$/) {
			printf "Types: deb deb-src\nSuites:%s\n%s\n", kept, rest
			if (base != "" && backports)
				printf "Types: deb deb-src\nSuites: %s-backports\n%s\n", base, rest
		}
		delete field
		name = rest = ""
	}
	/^#/ { next }
	/^[ \t]*$/ { finish(); next }
	/^[^ \t]/ {
		name = tolower(substr($0, 1, index($0, ":") - 1))
		field[name] = substr($0, index($0, ":") + 1)
		gsub(/^[ \t]+|[ \t]+$/, "", field[name])
	}
	/^[ \t]/ && (name == "suites" || name == "types") { field[name] = field[name] " " $0; next }
	name == "suites" || name == "types" { next }
	{ rest = rest $0 "\n" }
	END { finish() }'
}

# stdin: one-line entries; stdout: as above
apt_convert_lines()
{
	awk -v codename="$1" -v backports="$2" "$APT_AWK_SUITES"'
	function entry(suite) {
		printf "deb %s%s %s%s\ndeb-src %s%s %s%s\n",
		       options, uri, suite, components, options, uri, suite, components
	}
	{ sub(/#.*/, "") }
	$1 == "deb" {
		line = $0
		sub(/^[ \t]*deb[ \t]+/, "", line)
		options = ""
		if (match(line, /^\[[^]]*\][ \t]+/)) {
			options = substr(line, 1, RLENGTH)
			line = substr(line, RLENGTH + 1)
		}
		n = split(line, word, /[ \t]+/)
		uri = word[1]
		if (uri ~ /^cdrom:/ || !debian_suite(word[2]))
			next
		components = ""
		for (i = 3; i <= n; i++)
			components = components " " word[i]
		if (!has_main(components))
			next
		entry(word[2])
		if (backports && base_suite(word[2]))
			entry(word[2] "-backports")
	}'
}

apt_write_sources()
{
	local codename backports=0 out=$APT_DIR/sources.list.d file

	codename=$(os_release VERSION_CODENAME)
	[[ $(os_release ID) == debian && -n $codename ]] ||
		die "$EX_UNAVAILABLE" "this is not a Debian release; Debian 12 or newer is needed"
	if apt_needs_backports; then
		backports=1
	fi
	rm -rf "$out"
	mkdir -p "$out" "$APT_DIR/lists/partial" "$APT_DIR/cache" "$APT_DIR/archives/partial"
	for file in /etc/apt/sources.list.d/*.sources; do
		[[ -f $file ]] || continue
		apt_convert_deb822 "$codename" "$backports" <"$file" >"$out/${file##*/}"
	done
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[[ -f $file ]] || continue
		apt_convert_lines "$codename" "$backports" <"$file" >"$out/${file##*/}"
	done
	find "$out" -type f -empty -delete
	[[ -n $(ls -A "$out") ]] ||
		die "$EX_UNAVAILABLE" "found no source of Debian packages for $codename in /etc/apt"
}

# Runs an apt tool on the private configuration: apt_private apt-get update
apt_private()
{
	local tool=$1
	shift

	"$tool" "${APT_OPTIONS[@]}" "$@"
}

apt_private_as_root()
{
	if ((EUID == 0)); then
		DEBIAN_FRONTEND=noninteractive apt_private "$@"
	elif sudo -n true 2>/dev/null; then
		sudo -n DEBIAN_FRONTEND=noninteractive "$1" "${APT_OPTIONS[@]}" "${@:2}"
	else
		die "$EX_UNAVAILABLE" "installing packages needs root; run: sudo devtools/setup.sh"
	fi
}

# One source that fails must not stop the rest: whether a package can be had is decided
# where it is asked for.
apt_update_lists()
{
	apt_private apt-get update || printf 'apt-get update ended with status %d\n' $?
	touch "$APT_DIR/updated"
}

# Fetches the package lists, once a day at most.
apt_refresh()
{
	if [[ -n $(find "$APT_DIR/updated" -mmin -1440 2>/dev/null) ]]; then
		return
	fi
	apt_write_sources
	logged setup "reading the package lists (into build/apt)" apt_update_lists
}
