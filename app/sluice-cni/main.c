/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * sluice-cni: what a container runtime runs to give a container a VF, and to take it back. Here are
 * the table of operations and what all of them want of their environment.
 */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cni.h"

#define INPUT_BYTES_MAX (1024 * 1024)

enum need {
	NEED_CONTAINER = 1,
	NEED_NETNS = 2,
	NEED_IFNAME = 4,
	NEED_PATH = 8,
};

/* The last is ours where the runtime names none. */
static const char *const versions[] = { "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0" };

#define NB_VERSIONS (sizeof(versions) / sizeof(versions[0]))

static const struct operation operations[] = {
	{ "ADD", cni_add, "0.3.0", NEED_CONTAINER | NEED_NETNS | NEED_IFNAME, true },
	{ "DEL", cni_del, "0.3.0", NEED_CONTAINER | NEED_IFNAME, false },
	{ "CHECK", cni_check, "0.4.0", NEED_CONTAINER | NEED_NETNS | NEED_IFNAME, true },
	{ "GC", cni_gc, "1.1.0", NEED_PATH, false },
	{ "STATUS", cni_status, "1.1.0", 0, true },
};

#define NB_OPERATIONS (sizeof(operations) / sizeof(operations[0]))

int
cni_fail(struct cni *cni, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(cni->error, sizeof(cni->error), format, args);
	va_end(args);
	value_make_printable(cni->error);
	return code;
}

/* Three numbers with two dots each. */
bool
cni_version_reaches(const char *a, const char *b)
{
	unsigned int x[3] = { 0 }, y[3] = { 0 };

	(void)sscanf(a, "%u.%u.%u", &x[0], &x[1], &x[2]);
	(void)sscanf(b, "%u.%u.%u", &y[0], &y[1], &y[2]);
	for (size_t i = 0; i < 3; i++)
		if (x[i] != y[i])
			return x[i] > y[i];
	return true;
}

bool
cni_name_is_good(const char *name)
{
	if (!isalnum((unsigned char)name[0]) || strlen(name) >= CNI_NAME_BYTES)
		return false;
	for (; *name != '\0'; name++)
		if (!isalnum((unsigned char)*name) && strchr("_.-", *name) == NULL)
			return false;
	return true;
}

/* As the kernel takes them; a colon would not be one file of the state directory's. */
static bool
is_ifname(const char *name)
{
	if (strlen(name) >= CNI_IFNAME_BYTES || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (; *name != '\0'; name++)
		if (!isgraph((unsigned char)*name) || *name == '/' || *name == ':')
			return false;
	return true;
}

static void
read_environment(struct cni *cni)
{
	cni->command = getenv("CNI_COMMAND");
	cni->container = getenv("CNI_CONTAINERID");
	cni->netns = getenv("CNI_NETNS");
	cni->ifname = getenv("CNI_IFNAME");
	cni->args = getenv("CNI_ARGS");
	cni->path = getenv("CNI_PATH");
}

static int
check_environment(struct cni *cni, const struct operation *operation)
{
	const struct {
		const char *name, *value;
		enum need need;
	} rows[] = {
		{ "CNI_CONTAINERID", cni->container, NEED_CONTAINER },
		{ "CNI_NETNS", cni->netns, NEED_NETNS },
		{ "CNI_IFNAME", cni->ifname, NEED_IFNAME },
		{ "CNI_PATH", cni->path, NEED_PATH },
	};
	char missing[128] = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((operation->needs & rows[i].need) != 0 &&
		    (rows[i].value == NULL || rows[i].value[0] == '\0'))
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing),
				 "%s%s", missing[0] == '\0' ? "" : ", ", rows[i].name);
	if (missing[0] != '\0')
		return cni_fail(cni, CNI_BAD_ENVIRONMENT, "%s: missing, and %s needs it", missing,
				operation->name);
	if ((operation->needs & NEED_CONTAINER) != 0 && !cni_name_is_good(cni->container))
		return cni_fail(cni, CNI_BAD_ENVIRONMENT,
				"CNI_CONTAINERID: %s is not made of "
				"letters, digits, '_', '.' and '-'",
				cni->container);
	if ((operation->needs & NEED_IFNAME) != 0 && !is_ifname(cni->ifname))
		return cni_fail(cni, CNI_BAD_ENVIRONMENT,
				"CNI_IFNAME: %s is no name for an "
				"interface",
				cni->ifname);
	return 0;
}

/* Of any size that makes sense. */
static int
read_input(struct cni *cni)
{
	size_t bytes;

	cni->input = malloc(INPUT_BYTES_MAX + 1);
	if (cni->input == NULL)
		return cni_fail(cni, CNI_IO, "out of memory");
	bytes = fread(cni->input, 1, INPUT_BYTES_MAX, stdin);
	cni->input[bytes] = '\0';
	if (ferror(stdin))
		return cni_fail(cni, CNI_IO, "standard input: %s", strerror(errno));
	if (bytes == INPUT_BYTES_MAX)
		return cni_fail(cni, CNI_IO, "standard input: not less than %d bytes",
				INPUT_BYTES_MAX);
	return 0;
}

static int
read_config(struct cni *cni)
{
	json_error_t where;

	cni->config = json_loads(cni->input, JSON_REJECT_DUPLICATES, &where);
	if (cni->config == NULL)
		return cni_fail(cni, CNI_NOT_DECODED,
				"network configuration, line %d column %d: %s", where.line,
				where.column, where.text);
	if (!json_is_object(cni->config))
		return cni_fail(cni, CNI_NOT_DECODED, "network configuration: not an object");
	cni->version = json_string_value(json_object_get(cni->config, "cniVersion"));
	return 0;
}

static int
check_version(struct cni *cni)
{
	const char *version = cni->version;
	char list[128] = "";

	for (size_t i = 0; i < NB_VERSIONS; i++) {
		if (version != NULL && strcmp(version, versions[i]) == 0)
			return 0;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), " %s", versions[i]);
	}
	cni->version = NULL;
	if (version == NULL)
		return cni_fail(cni, CNI_INCOMPATIBLE_VERSION, "cniVersion: missing; one of%s",
				list);
	return cni_fail(cni, CNI_INCOMPATIBLE_VERSION, "cniVersion: %.32s is not one of%s", version,
			list);
}

static int
run_operation(struct cni *cni, const struct operation *operation, json_t **result)
{
	int rc = check_environment(cni, operation);

	if (rc == 0)
		rc = read_input(cni);
	if (rc == 0)
		rc = read_config(cni);
	if (rc == 0)
		rc = check_version(cni);
	if (rc == 0 && !cni_version_reaches(cni->version, operation->since))
		rc = cni_fail(cni, CNI_INCOMPATIBLE_VERSION,
			      "cniVersion: %s has no %s, which came "
			      "with %s",
			      cni->version, operation->name, operation->since);
	if (rc == 0)
		rc = netconf_read(cni, operation->is_strict);
	return rc == 0 ? operation->run(cni, result) : rc;
}

/* Of whatever version, as it is how the runtime learns of ours. */
static int
tell_versions(struct cni *cni, json_t **result)
{
	json_t *supported;
	int rc = read_input(cni);

	if (rc == 0 && cni->input[strspn(cni->input, " \t\r\n")] != '\0')
		rc = read_config(cni);
	if (rc != 0)
		return rc;
	if (cni->version == NULL)
		cni->version = versions[NB_VERSIONS - 1];
	supported = json_array();
	for (size_t i = 0; i < NB_VERSIONS; i++)
		(void)json_array_append_new(supported, json_string(versions[i]));
	*result =
		json_pack("{s:s, s:o}", "cniVersion", cni->version, "supportedVersions", supported);
	return *result == NULL ? cni_fail(cni, CNI_IO, "out of memory") : 0;
}

static int
run(struct cni *cni, json_t **result)
{
	if (cni->command == NULL || cni->command[0] == '\0')
		return cni_fail(cni, CNI_BAD_ENVIRONMENT,
				"CNI_COMMAND: missing; this is a CNI plugin, "
				"which a container runtime runs");
	if (strcmp(cni->command, "VERSION") == 0)
		return tell_versions(cni, result);
	for (size_t i = 0; i < NB_OPERATIONS; i++)
		if (strcmp(cni->command, operations[i].name) == 0)
			return run_operation(cni, &operations[i], result);
	return cni_fail(cni, CNI_BAD_ENVIRONMENT,
			"CNI_COMMAND: %s is not one of ADD, DEL, CHECK, GC, "
			"STATUS, VERSION",
			cni->command);
}

int
main(int argc, char **argv)
{
	static struct cni cni;
	json_t *result = NULL;
	int code;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("sluice-cni %s\n", SLUICE_VERSION);
		return EXIT_SUCCESS;
	}
	read_environment(&cni);
	code = run(&cni, &result);
	if (code != 0)
		result = json_pack("{s:s, s:i, s:s}", "cniVersion",
				   cni.version != NULL ? cni.version : versions[NB_VERSIONS - 1],
				   "code", code, "msg", cni.error);
	if (result != NULL && (json_dumpf(result, stdout, JSON_INDENT(2)) < 0 ||
			       fputc('\n', stdout) == EOF || fflush(stdout) == EOF))
		code = CNI_IO;
	json_decref(result);
	json_decref(cni.config);
	free(cni.input);
	return code == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
