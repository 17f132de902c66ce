/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static char file[] = "/tmp/sluice-config-XXXXXX";

static int
setup(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return unlink(file);
}

static int
load(const char *text, struct config *config, char error[CONFIG_ERROR_BYTES])
{
	FILE *stream = fopen(file, "w");

	assert_non_null(stream);
	fputs(text, stream);
	fclose(stream);
	error[0] = '\0';
	return config_load(file, config, error);
}

/* A port with one VF, and in it the keys of a case. */
#define PORT(keys) "{\"ports\":[{\"pci\":\"0000:01:00.0\",\"num_vfs\":3" keys "}]}"
#define VF(keys)   PORT(",\"vfs\":[{\"vf\":1" keys "}]")
#define TOP(keys)  "{\"ports\":[{\"pci\":\"0000:01:00.0\",\"num_vfs\":3}]" keys "}"

/* The error, after "FILE: ". */
static const struct {
	const char *what, *text, *error;
} bad_cases[] = {
	{ "no ports", "{}", "ports: missing" },
	{ "not an object", "[]", "an array is not an object" },
	{ "empty ports", "{\"ports\":[]}", "ports: 0 entries, not 1..8" },
	{ "ports no array", "{\"ports\":1}", "ports: 1 is not an array" },
	{ "port no object", "{\"ports\":[1]}", "ports[0]: 1 is not an object" },
	{ "unknown key at the top", TOP(",\"socket\":\"/x\""),
	  "socket: no such key; there are control_socket, control_group, state_dir, audit_log, "
	  "hugepages_mb, lcore, eal, log_level, sandbox, telemetry, ports" },
	{ "unknown key of a port", PORT(",\"vf\":0"),
	  "ports[0].vf: no such key; there are pci, num_vfs, mtu, loopback, storm_broadcast, "
	  "storm_multicast, restore, external, watch, vfs" },
	{ "unknown key of a VF", VF(",\"rate\":0"),
	  "ports[0].vfs[0].rate: no such key; there are vf, mac, vlan, qos, proto, trust, "
	  "spoofchk, state, trunk, untagged, "
	  "max_tx_rate, min_tx_rate, query_rss, broadcast, multicast, unknown_unicast, loopback, "
	  "mirror, max_macs, max_vlans, max_multicasts, drop, min_interrupt_us, max_interrupt_us, "
	  "driver" },

	{ "eal no array", TOP(",\"eal\":\"--no-huge\""), "eal: \"--no-huge\" is not an array" },
	{ "eal no text", TOP(",\"eal\":[\"-m\",64]"),
	  "eal[1]: 64 is not text of 1..255 characters" },
	{ "eal too many", TOP(",\"eal\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]"),
	  "eal: 17 entries, not 0..16" },
	{ "external no switch", PORT(",\"external\":1"),
	  "ports[0].external: 1 is not true, false, \"on\" or \"off\"" },
	{ "external and restore", PORT(",\"external\":true,\"restore\":false"),
	  "ports[0].restore: an external port's drivers are left alone" },
	{ "external and a VF's driver",
	  PORT(",\"external\":true,\"vfs\":[{\"vf\":0},{\"vf\":1,\"driver\":\"igbvf\"}]"),
	  "ports[0].vfs[1].driver: an external port's drivers are left alone" },

	{ "socket no text", TOP(",\"control_socket\":1"),
	  "control_socket: 1 is not text of 1..107 characters" },
	{ "socket relative", TOP(",\"control_socket\":\"x\""),
	  "control_socket: \"x\" is not an absolute path" },
	{ "socket with a newline", TOP(",\"control_socket\":\"/a\\nb\""),
	  "control_socket: \"/a\\nb\" is not printable text" },
	{ "group empty", TOP(",\"control_group\":\"\""),
	  "control_group: \"\" is not text of 1..31 characters" },
	{ "state_dir relative", TOP(",\"state_dir\":\"var\""),
	  "state_dir: \"var\" is not an absolute path" },
	{ "hugepages low", TOP(",\"hugepages_mb\":15"), "hugepages_mb: 15 is not in 16..1024" },
	{ "hugepages high", TOP(",\"hugepages_mb\":1025"),
	  "hugepages_mb: 1025 is not in 16..1024" },
	{ "hugepages text", TOP(",\"hugepages_mb\":\"16\""),
	  "hugepages_mb: \"16\" is not in 16..1024" },
	{ "lcore negative", TOP(",\"lcore\":-1"), "lcore: -1 is not in 0..127" },
	{ "lcore high", TOP(",\"lcore\":128"), "lcore: 128 is not in 0..127" },
	{ "log_level", TOP(",\"log_level\":\"loud\""),
	  "log_level: \"loud\" is not \"error\", \"warning\", \"info\" or \"debug\"" },

	{ "pci missing", "{\"ports\":[{\"num_vfs\":3}]}", "ports[0].pci: missing" },
	{ "pci without domain", "{\"ports\":[{\"pci\":\"01:00.0\",\"num_vfs\":3}]}",
	  "ports[0].pci: \"01:00.0\" is not a PCI address like \"0000:01:00.0\"" },
	{ "pci function 8", "{\"ports\":[{\"pci\":\"0000:01:00.8\",\"num_vfs\":3}]}",
	  "ports[0].pci: \"0000:01:00.8\" is not a PCI address like \"0000:01:00.0\"" },
	{ "pci and more", "{\"ports\":[{\"pci\":\"0000:01:00.0/..\",\"num_vfs\":3}]}",
	  "ports[0].pci: \"0000:01:00.0/..\" is not a PCI address like \"0000:01:00.0\"" },
	{ "num_vfs missing", "{\"ports\":[{\"pci\":\"0000:01:00.0\"}]}",
	  "ports[0].num_vfs: missing" },
	{ "num_vfs -1", "{\"ports\":[{\"pci\":\"0000:01:00.0\",\"num_vfs\":-1}]}",
	  "ports[0].num_vfs: -1 is not in 0..63" },
	{ "a VF of none",
	  "{\"ports\":[{\"pci\":\"0000:01:00.0\",\"num_vfs\":0,\"vfs\":[{\"vf\":0}]}]}",
	  "ports[0].vfs[0].vf: there is none, num_vfs being 0" },
	{ "num_vfs 64", "{\"ports\":[{\"pci\":\"0000:01:00.0\",\"num_vfs\":64}]}",
	  "ports[0].num_vfs: 64 is not in 0..63" },
	{ "num_vfs real", "{\"ports\":[{\"pci\":\"0000:01:00.0\",\"num_vfs\":3.0}]}",
	  "ports[0].num_vfs: 3.0 is not in 0..63" },
	{ "restore", PORT(",\"restore\":1"),
	  "ports[0].restore: 1 is not true, false, \"on\" or \"off\"" },
	{ "vfs no array", PORT(",\"vfs\":{}"), "ports[0].vfs: an object is not an array" },
	{ "same port twice",
	  "{\"ports\":[{\"pci\":\"0000:0A:00.0\",\"num_vfs\":1},"
	  "{\"pci\":\"0000:0a:00.0\",\"num_vfs\":1}]}",
	  "ports[1]: 0000:0a:00.0 is listed twice" },

	{ "vf missing", PORT(",\"vfs\":[{\"vlan\":1}]"), "ports[0].vfs[0].vf: missing" },
	{ "audit_log relative", TOP(",\"audit_log\":\"audit.json\""),
	  "audit_log: \"audit.json\" is not an absolute path" },
	{ "mtu 67", PORT(",\"mtu\":67"), "ports[0].mtu: 67 is not in 68..9710" },
	{ "storm", PORT(",\"storm_multicast\":1000001"),
	  "ports[0].storm_multicast: 1000001 is not in 0..1000000" },
	{ "mtu 9711", PORT(",\"mtu\":9711"), "ports[0].mtu: 9711 is not in 68..9710" },
	{ "vf beyond num_vfs", PORT(",\"vfs\":[{\"vf\":3}]"),
	  "ports[0].vfs[0].vf: 3 is not in 0..2" },
	{ "vf beyond num_vfs, which comes later",
	  "{\"ports\":[{\"vfs\":[{\"vf\":3}],\"num_vfs\":3,\"pci\":\"0000:01:00.0\"}]}",
	  "ports[0].vfs[0].vf: 3 is not in 0..2" },
	{ "vf negative", PORT(",\"vfs\":[{\"vf\":-1}]"), "ports[0].vfs[0].vf: -1 is not in 0..2" },
	{ "vf twice", PORT(",\"vfs\":[{\"vf\":0},{\"vf\":1},{\"vf\":0}]"),
	  "ports[0].vfs[2].vf: 0 is listed twice" },
	{ "mac short", VF(",\"mac\":\"02:00:00:00:01\""),
	  "ports[0].vfs[0].mac: \"02:00:00:00:01\" is not a MAC address like "
	  "\"02:00:00:00:00:01\"" },
	{ "mac long", VF(",\"mac\":\"02:00:00:00:00:01:02\""),
	  "ports[0].vfs[0].mac: \"02:00:00:00:00:01:02\" is not a MAC address like "
	  "\"02:00:00:00:00:01\"" },
	{ "mac not hexadecimal", VF(",\"mac\":\"02:00:00:00:00:0g\""),
	  "ports[0].vfs[0].mac: \"02:00:00:00:00:0g\" is not a MAC address like "
	  "\"02:00:00:00:00:01\"" },
	{ "mac multicast", VF(",\"mac\":\"01:00:5e:00:00:01\""),
	  "ports[0].vfs[0].mac: \"01:00:5e:00:00:01\" is not a unicast MAC address" },
	{ "mac twice",
	  PORT(",\"vfs\":[{\"vf\":0,\"mac\":\"02:00:00:00:00:0a\"},"
	       "{\"vf\":2,\"mac\":\"02:00:00:00:00:0A\"}]"),
	  "ports[0]: VF 2's mac 02:00:00:00:00:0a is VF 0's of 0000:01:00.0 too" },
	{ "vlan 4095", VF(",\"vlan\":4095"), "ports[0].vfs[0].vlan: 4095 is not in 0..4094" },
	{ "vlan huge", PORT(",\"vfs\":[{\"vf\":0},{\"vf\":1},{\"vf\":2,\"vlan\":5000}]"),
	  "ports[0].vfs[2].vlan: 5000 is not in 0..4094" },
	{ "vlan negative", VF(",\"vlan\":-1"), "ports[0].vfs[0].vlan: -1 is not in 0..4094" },
	{ "qos 8", VF(",\"vlan\":1,\"qos\":8"), "ports[0].vfs[0].qos: 8 is not in 0..7" },
	{ "qos without vlan", VF(",\"qos\":3"), "ports[0].vfs[0].qos: 3 needs a vlan in 1..4094" },
	{ "trust", VF(",\"trust\":\"yes\""),
	  "ports[0].vfs[0].trust: \"yes\" is not true, false, \"on\" or \"off\"" },
	{ "spoofchk", VF(",\"spoofchk\":null"),
	  "ports[0].vfs[0].spoofchk: null is not true, false, \"on\" or \"off\"" },
	{ "proto", VF(",\"proto\":\"802.1ad\""),
	  "ports[0].vfs[0].proto: \"802.1ad\" is not \"802.1Q\": the hardware inserts no other "
	  "tag" },
	{ "state", VF(",\"state\":\"up\""),
	  "ports[0].vfs[0].state: \"up\" is not \"auto\", \"enable\" or \"disable\"" },
	{ "min_tx_rate", VF(",\"min_tx_rate\":100"),
	  "ports[0].vfs[0].min_tx_rate: 100 is not 0: the hardware guarantees no rate" },
	{ "max_tx_rate", VF(",\"max_tx_rate\":100001"),
	  "ports[0].vfs[0].max_tx_rate: 100001 is not in 0..100000" },
	{ "max_macs", VF(",\"max_macs\":65"), "ports[0].vfs[0].max_macs: 65 is not in 0..64" },
	{ "max_multicasts", VF(",\"max_multicasts\":31"),
	  "ports[0].vfs[0].max_multicasts: 31 is not in 0..30" },
	{ "trunk and vlan", VF(",\"vlan\":5,\"trunk\":\"10\""),
	  "ports[0].vfs[0].trunk: only \"all\" goes with a port VLAN (vlan 5)" },
	{ "mirror to itself", VF(",\"mirror\":\"vf 1\""),
	  "ports[0].vfs[0].mirror: vf 1 is not another one of 0..2" },
	{ "mirror to nobody", VF(",\"mirror\":3"),
	  "ports[0].vfs[0].mirror: vf 3 is not another one of 0..2" },
	{ "longest below shortest", VF(",\"min_interrupt_us\":50,\"max_interrupt_us\":49"),
	  "ports[0].vfs[0].max_interrupt_us: 49 is not 0 or in 50..10000 (min_interrupt_us is "
	  "50)" },
	{ "driver with a path", VF(",\"driver\":\"../igbvf\""),
	  "ports[0].vfs[0].driver: \"../igbvf\" is not the name of a driver" },
};

static void
test_bad_values_are_named(void **state)
{
	struct config untouched, config;
	unsigned int failed = 0;

	(void)state;
	memset(&untouched, 0x5a, sizeof(untouched));
	for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++) {
		char error[CONFIG_ERROR_BYTES], expected[CONFIG_ERROR_BYTES];
		int rc;

		memcpy(&config, &untouched, sizeof(config));
		rc = load(bad_cases[i].text, &config, error);
		snprintf(expected, sizeof(expected), "%s: %s", file, bad_cases[i].error);
		if (rc == -EINVAL && strcmp(error, expected) == 0 &&
		    memcmp(&config, &untouched, sizeof(config)) == 0)
			continue;
		print_error("%s: got %d, %s\n", bad_cases[i].what, rc, error);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static const struct {
	const char *what, *text, *error; /* after "FILE:" */
} syntax_cases[] = {
	{ "empty", "", "1:0: '[' or '{' expected near end of file" },
	{ "comma", "{\n\t\"ports\": [,]\n}", "2:12: unexpected token near ','" },
	{ "cut off", "{\"ports\":[", "1:10: ']' expected near end of file" },
	{ "same key twice", "{\"lcore\":1,\n\"lcore\":2}",
	  "2:7: duplicate object key near '\"lcore\"'" },
	{ "rubbish after the end", "{}\n{}", "2:1: end of file expected near '{'" },
};

static void
test_syntax_errors_have_line_and_column(void **state)
{
	unsigned int failed = 0;
	struct config config;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(syntax_cases); i++) {
		char error[CONFIG_ERROR_BYTES], expected[CONFIG_ERROR_BYTES];
		int rc = load(syntax_cases[i].text, &config, error);

		snprintf(expected, sizeof(expected), "%s:%s", file, syntax_cases[i].error);
		if (rc == -EINVAL && strcmp(error, expected) == 0)
			continue;
		print_error("%s: got %d, %s\n", syntax_cases[i].what, rc, error);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void
test_defaults(void **state)
{
	char error[CONFIG_ERROR_BYTES];
	struct config config;

	(void)state;
	assert_int_equal(load(TOP(""), &config, error), 0);
	assert_string_equal(config.control_socket, "/run/sluiced/control.sock");
	assert_string_equal(config.control_group, "");
	assert_string_equal(config.state_dir, "/var/lib/sluiced");
	assert_int_equal(config.hugepages_mb, 16);
	assert_int_equal(config.lcore, CONFIG_LCORE_ANY);
	assert_int_equal(config.log_level, CONFIG_LOG_INFO);
	assert_int_equal(config.nb_ports, 1);
	assert_true(config.port[0].restore);
	assert_true(config.port[0].loopback);
	assert_int_equal(config.port[0].storm_broadcast, 0);
	for (uint16_t vf = 0; vf < 3; vf++) {
		assert_true(mac_is_zero(&config.port[0].vf[vf].policy.mac));
		assert_int_equal(config.port[0].vf[vf].policy.vlan, 0);
		assert_false(config.port[0].vf[vf].policy.trusted);
		assert_true(config.port[0].vf[vf].policy.spoof_check);
		assert_string_equal(config.port[0].vf[vf].driver, "vfio-pci");
	}
}

static void
test_every_key_is_taken(void **state)
{
	static const struct mac_addr mac = { { 2, 0, 0, 0, 0xab, 0xcd } };
	char error[CONFIG_ERROR_BYTES];
	const struct config_vf *vf;
	struct config config;

	(void)state;
	assert_int_equal(
		load("{\"control_socket\":\"/s\",\"control_group\":\"g\",\"state_dir\":\"/d\","
		     "\"audit_log\":\"/a\","
		     "\"hugepages_mb\":1024,\"lcore\":127,\"log_level\":\"debug\","
		     "\"ports\":[{\"pci\":\"00F0:aB:1f.7\",\"num_vfs\":7,\"mtu\":9710,"
		     "\"restore\":false,\"loopback\":\"off\",\"storm_broadcast\":1000000,"
		     "\"storm_multicast\":1,"
		     "\"vfs\":[{\"vf\":6,\"mac\":\"02:00:00:00:Ab:cD\",\"vlan\":4094,"
		     "\"qos\":7,\"trust\":\"on\",\"spoofchk\":\"off\",\"proto\":\"802.1q\","
		     "\"state\":\"disable\",\"trunk\":\"all\",\"untagged\":false,"
		     "\"max_tx_rate\":100000,\"min_tx_rate\":0,\"query_rss\":true,"
		     "\"broadcast\":\"off\",\"multicast\":\"off\",\"unknown_unicast\":true,"
		     "\"loopback\":false,\"mirror\":\"vf 5\",\"max_macs\":1,\"max_vlans\":2,"
		     "\"max_multicasts\":3,\"drop\":\"off\",\"min_interrupt_us\":4,"
		     "\"max_interrupt_us\":10000,"
		     "\"driver\":\"igbvf\"}]}]}",
		     &config, error),
		0);
	assert_string_equal(config.control_socket, "/s");
	assert_string_equal(config.control_group, "g");
	assert_string_equal(config.state_dir, "/d");
	assert_string_equal(config.audit_log, "/a");
	assert_int_equal(config.hugepages_mb, 1024);
	assert_int_equal(config.lcore, 127);
	assert_int_equal(config.log_level, CONFIG_LOG_DEBUG);
	assert_string_equal(config.port[0].pci, "00f0:ab:1f.7");
	assert_int_equal(config.port[0].num_vfs, 7);
	assert_int_equal(config.port[0].mtu, 9710);
	assert_false(config.port[0].restore);
	assert_false(config.port[0].loopback);
	assert_int_equal(config.port[0].storm_broadcast, 1000000);
	assert_int_equal(config.port[0].storm_multicast, 1);
	vf = &config.port[0].vf[6];
	assert_true(mac_equal(&vf->policy.mac, &mac));
	assert_int_equal(vf->policy.vlan, 4094);
	assert_int_equal(vf->policy.qos, 7);
	assert_true(vf->policy.trusted);
	assert_false(vf->policy.spoof_check);
	assert_int_equal(vf->policy.state, POLICY_STATE_DISABLE);
	assert_true(vf->policy.no_untagged && vf->policy.no_broadcast && vf->policy.no_multicast);
	assert_true(vf->policy.unknown_unicast && vf->policy.query_rss);
	assert_true(vf->policy.no_loopback && vf->policy.blocks);
	assert_int_equal(vf->policy.max_tx_rate, 100000);
	assert_int_equal(vf->policy.mirror, POLICY_MIRROR_VF + 5);
	assert_int_equal(vf->policy.max_macs, 1);
	assert_int_equal(vf->policy.max_vlans, 2);
	assert_int_equal(vf->policy.max_multicasts, 3);
	assert_int_equal(vf->policy.min_interrupt_us, 4);
	assert_int_equal(vf->policy.max_interrupt_us, 10000);
	assert_string_equal(vf->driver, "igbvf");
	assert_string_equal(config.port[0].vf[5].driver, "vfio-pci");
}

static void
test_external_port(void **state)
{
	char error[CONFIG_ERROR_BYTES];
	struct config config;

	(void)state;
	assert_int_equal(load("{\"eal\":[\"--no-huge\",\"--vdev=x,y=1\"],\"ports\":["
			      "{\"pci\":\"0000:01:00.0\",\"num_vfs\":2,\"external\":true},"
			      "{\"pci\":\"0000:02:00.0\",\"num_vfs\":2}]}",
			      &config, error),
			 0);
	assert_int_equal(config.nb_eal, 2);
	assert_string_equal(config.eal[1], "--vdev=x,y=1");
	assert_true(config.port[0].external);
	assert_false(config.port[0].restore);
	assert_string_equal(config.port[0].vf[1].driver, "external");
	assert_false(config.port[1].external);
	assert_true(config.port[1].restore);
}

static void
test_file_cannot_be_read(void **state)
{
	char error[CONFIG_ERROR_BYTES];
	struct config config;

	(void)state;
	assert_int_equal(config_load("/nowhere/x.json", &config, error), -ENOENT);
	assert_string_equal(error, "/nowhere/x.json: No such file or directory");
}

/* NAME, TEXT, NAME, TEXT…: the files of a directory. */
static int
load_directory(const char *const files[], struct config *config, char error[CONFIG_ERROR_BYTES])
{
	char directory[] = "/tmp/sluice-config-XXXXXX", path[PATH_MAX];
	int rc;

	assert_non_null(mkdtemp(directory));
	for (size_t i = 0; files[i] != NULL; i += 2) {
		FILE *stream;

		snprintf(path, sizeof(path), "%s/%s", directory, files[i]);
		stream = fopen(path, "w");
		assert_non_null(stream);
		fputs(files[i + 1], stream);
		fclose(stream);
	}
	rc = config_load(directory, config, error);
	for (size_t i = 0; files[i] != NULL; i += 2) {
		snprintf(path, sizeof(path), "%s/%s", directory, files[i]);
		unlink(path);
	}
	rmdir(directory);
	/* Its name is another each time. */
	if (rc < 0)
		memmove(error, error + strlen(directory), strlen(error + strlen(directory)) + 1);
	return rc;
}

#define PF(n, keys) \
	"{\"ports\":[{\"pci\":\"0000:0" #n ":00.0\",\"num_vfs\":1" keys "}]}"

static void
test_a_directory(void **state)
{
	static const char *const files[] = {
		"b.json", PF(2, ""), "a.json", PF(1, ""), "sluiced.json", "{\"lcore\":3}",
		".c.json", "hidden", "d.json~", "left behind", "README", "no configuration", NULL,
	};
	static const char *const all_in_one[] = {
		"sluiced.json",
		"{\"lcore\":3,\"ports\":[{\"pci\":\"0000:01:00.0\",\"num_vfs\":1}]}", NULL,
	};
	char error[CONFIG_ERROR_BYTES];
	struct config config;

	(void)state;
	assert_int_equal(load_directory(files, &config, error), 0);
	assert_int_equal(config.lcore, 3);
	assert_int_equal(config.nb_ports, 2);
	assert_string_equal(config.port[0].pci, "0000:01:00.0");
	assert_string_equal(config.port[1].pci, "0000:02:00.0");
	assert_int_equal(load_directory(all_in_one, &config, error), 0);
	assert_int_equal(config.nb_ports, 1);
}

static void
test_bad_directories(void **state)
{
	static const struct {
		const char *files[13];
		const char *error; /* after the directory's name */
	} cases[] = {
		{ { NULL }, ": ports: missing; none of its files NAME.json has any" },
		{ { "sluiced.json", "{}" },
		  ": ports: missing; none of its files NAME.json has any" },
		{ { "a.json", "{}" }, "/a.json: ports: missing" },
		{ { "a.json", PF(1, ""), "b.json", "{\"lcore\":1}" },
		  "/b.json: lcore: stands in sluiced.json only" },
		{ { "a.json", PF(1, ""), "b.json", "{\"colour\":1}" },
		  "/b.json: colour: no such key; there are ports, control_socket, control_group, "
		  "state_dir, audit_log, hugepages_mb, lcore, eal, log_level, sandbox, telemetry, "
		  "ports" },
		{ { "a.json", PF(1, ""), "b.json", PF(1, "") },
		  "/b.json: ports[0]: 0000:01:00.0 is listed twice" },
		{ { "a.json",
		    PF(1, ",\"vfs\":[{\"vf\":0,\"mac\":\"02:00:00:00:00:01\"}]"), "b.json",
		    PF(2, ",\"vfs\":[{\"vf\":0,\"mac\":\"02:00:00:00:00:01\"}]") },
		  "/b.json: ports[0]: VF 0's mac 02:00:00:00:00:01 is VF 0's of 0000:01:00.0 "
		  "too" },
		{ { "a.json", PF(1, ""), "b.json", "{\"ports\":" },
		  "/b.json:1:9: unexpected token near end of file" },
		{ { "a.json", PF(1, ""), "b.json",
		    "{\"ports\":[1,2,3,4,5,6,7,8]}" },
		  "/b.json: ports: 8 entries, and 1 in other files: not 1..8" },
	};
	unsigned int failed = 0;
	struct config config;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char error[CONFIG_ERROR_BYTES];
		int rc = load_directory(cases[i].files, &config, error);

		if (rc == -EINVAL && strcmp(error, cases[i].error) == 0)
			continue;
		print_error("%zu: got %d, %s\n", i, rc, error);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void
test_examples_are_good(void **state)
{
	static const char *const names[] = {
		"minimal.json", "three-vfs.json", "two-ports.json", "tenants.json",
		"one-file-per-pf",
	};
	char path[256], error[CONFIG_ERROR_BYTES];
	struct config config;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", EXAMPLES_DIR, names[i]);
		if (config_load(path, &config, error) < 0)
			fail_msg("%s", error);
	}
}

static const struct {
	const char *what, *text, *error; /* after "FILE: "; NULL: allowed */
} change_cases[] = {
	{ "nothing", TOP(""), NULL },
	{ "a VF's policy", VF(",\"vlan\":7,\"trust\":true"), NULL },
	{ "log level", TOP(",\"log_level\":\"debug\""), NULL },
	{ "storm control", PORT(",\"storm_broadcast\":100,\"loopback\":false"), NULL },
	{ "socket", TOP(",\"control_socket\":\"/x\""),
	  "control_socket: cannot change while running; restart sluiced" },
	{ "port", "{\"ports\":[{\"pci\":\"0000:02:00.0\",\"num_vfs\":3}]}",
	  "ports[0].pci: cannot change while running; restart sluiced" },
	{ "number of VFs", "{\"ports\":[{\"pci\":\"0000:01:00.0\",\"num_vfs\":2}]}",
	  NULL },
	{ "number of VFs, with their drivers",
	  "{\"ports\":[{\"pci\":\"0000:01:00.0\",\"num_vfs\":2,"
	  "\"vfs\":[{\"vf\":1,\"driver\":\"igbvf\"}]}]}",
	  NULL },
	{ "no VFs", "{\"ports\":[{\"pci\":\"0000:01:00.0\",\"num_vfs\":0}]}", NULL },
	{ "mtu", PORT(",\"mtu\":9000"),
	  "ports[0].mtu: cannot change while running; restart sluiced" },
	{ "external", PORT(",\"external\":true"),
	  "ports[0].external: cannot change while running; restart sluiced" },
	{ "eal", TOP(",\"eal\":[\"--no-huge\"]"),
	  "eal: cannot change while running; restart sluiced" },
	{ "driver", VF(",\"driver\":\"igbvf\""),
	  "ports[0]: VF 1's driver: cannot change while running; restart sluiced" },
};

static void
test_what_may_change_while_running(void **state)
{
	struct config running, wanted;
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(change_cases); i++) {
		char error[CONFIG_ERROR_BYTES], expected[CONFIG_ERROR_BYTES] = "";

		assert_int_equal(load(TOP(""), &running, error), 0);
		assert_int_equal(load(change_cases[i].text, &wanted, error), 0);
		(void)config_check_change(file, &running, &wanted, error);
		if (change_cases[i].error != NULL)
			snprintf(expected, sizeof(expected), "%s: %s", file, change_cases[i].error);
		if (strcmp(error, expected) == 0)
			continue;
		print_error("%s: got %s\n", change_cases[i].what, error);
		failed++;
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_values_are_named),
		cmocka_unit_test(test_syntax_errors_have_line_and_column),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_key_is_taken),
		cmocka_unit_test(test_external_port),
		cmocka_unit_test(test_file_cannot_be_read),
		cmocka_unit_test(test_a_directory),
		cmocka_unit_test(test_bad_directories),
		cmocka_unit_test(test_examples_are_good),
		cmocka_unit_test(test_what_may_change_while_running),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
