/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"
#include "directory.h"

static const struct config config_default = {
	.control_socket = CONFIG_DEFAULT_SOCKET,
	.state_dir = "/var/lib/sluiced",
	.hugepages_mb = 16,
	.lcore = CONFIG_LCORE_ANY,
	.log_level = CONFIG_LOG_INFO,
	.sandbox = true,
	.telemetry = true,
};

static int
read_whole(FILE *stream, char *text, size_t bytes, size_t *used)
{
	*used = fread(text, 1, bytes, stream);
	if (ferror(stream))
		return -EIO;
	return *used == bytes ? -EFBIG : 0;
}

static int
read_file(const char *file, char **text, size_t *used)
{
	FILE *stream = fopen(file, "re");
	int rc;

	if (stream == NULL)
		return -errno;
	*text = malloc(CONFIG_FILE_BYTES_MAX);
	if (*text == NULL) {
		fclose(stream);
		return -ENOMEM;
	}
	errno = 0;
	rc = read_whole(stream, *text, CONFIG_FILE_BYTES_MAX, used);
	if (rc == -EIO && errno == EISDIR)
		rc = -EISDIR;
	fclose(stream);
	if (rc < 0)
		free(*text);
	return rc;
}

static int
parse(const char *file, const char *text, size_t bytes, enum schema_part part,
      struct config *config, char error[CONFIG_ERROR_BYTES])
{
	struct reader reader = { .path = "" };
	json_error_t where;
	json_t *root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &where);
	int rc;

	if (root == NULL) {
		value_make_printable(where.text);
		snprintf(error, CONFIG_ERROR_BYTES, "%s:%d:%d: %s", file, where.line, where.column,
			 where.text);
		return -EINVAL;
	}
	rc = schema_read(&reader, root, part, config);
	if (rc < 0)
		snprintf(error, CONFIG_ERROR_BYTES, "%s: %s", file, reader.error);
	json_decref(root);
	return rc;
}

int
config_read_file(const char *file, enum schema_part part, struct config *config,
		 char error[CONFIG_ERROR_BYTES])
{
	size_t bytes = 0;
	char *text = NULL;
	int rc = read_file(file, &text, &bytes);

	if (rc < 0) {
		snprintf(error, CONFIG_ERROR_BYTES, "%s: %s", file, strerror(-rc));
		return rc;
	}
	rc = parse(file, text, bytes, part, config, error);
	free(text);
	return rc;
}

int
config_load(const char *file, struct config *config, char error[CONFIG_ERROR_BYTES])
{
	struct config *wanted = malloc(sizeof(*wanted));
	struct stat info;
	int rc;

	if (wanted == NULL) {
		snprintf(error, CONFIG_ERROR_BYTES, "%s: %s", file, strerror(ENOMEM));
		return -ENOMEM;
	}
	*wanted = config_default;
	if (stat(file, &info) == 0 && S_ISDIR(info.st_mode))
		rc = config_read_directory(file, wanted, error);
	else
		rc = config_read_file(file, SCHEMA_WHOLE, wanted, error);
	if (rc == 0)
		*config = *wanted;
	free(wanted);
	return rc;
}

static int
refuse_change(const char *file, const char *key, char error[CONFIG_ERROR_BYTES])
{
	snprintf(error, CONFIG_ERROR_BYTES, "%s: %s: cannot change while running; restart sluiced",
		 file, key);
	return -EINVAL;
}

static int
check_port_change(const char *file, uint16_t i, const struct config_port *running,
		  const struct config_port *wanted, char error[CONFIG_ERROR_BYTES])
{
	char key[VALUE_PATH_BYTES];

	snprintf(key, sizeof(key), "ports[%u].pci", i);
	if (strcmp(running->pci, wanted->pci) != 0)
		return refuse_change(file, key, error);
	snprintf(key, sizeof(key), "ports[%u].external", i);
	if (running->external != wanted->external)
		return refuse_change(file, key, error);
	snprintf(key, sizeof(key), "ports[%u].mtu", i);
	if (running->mtu != wanted->mtu)
		return refuse_change(file, key, error);
	snprintf(key, sizeof(key), "ports[%u].restore", i);
	if (running->restore != wanted->restore)
		return refuse_change(file, key, error);
	/* Those of another number of VFs are given to their drivers anew. */
	for (uint16_t vf = 0; vf < wanted->num_vfs && running->num_vfs == wanted->num_vfs; vf++) {
		/* By the VF's number: the file may list VFs in any order, or not at all. */
		snprintf(key, sizeof(key), "ports[%u]: VF %u's driver", i, vf);
		if (strcmp(running->vf[vf].driver, wanted->vf[vf].driver) != 0)
			return refuse_change(file, key, error);
	}
	return 0;
}

static bool
same_eal(const struct config *running, const struct config *wanted)
{
	bool same = running->nb_eal == wanted->nb_eal;

	for (uint16_t i = 0; same && i < running->nb_eal; i++)
		same = strcmp(running->eal[i], wanted->eal[i]) == 0;
	return same;
}

int
config_check_change(const char *file, const struct config *running, const struct config *wanted,
		    char error[CONFIG_ERROR_BYTES])
{
	const struct {
		const char *key;
		bool same;
	} fixed[] = {
		{ "control_socket", strcmp(running->control_socket, wanted->control_socket) == 0 },
		{ "control_group", strcmp(running->control_group, wanted->control_group) == 0 },
		{ "state_dir", strcmp(running->state_dir, wanted->state_dir) == 0 },
		{ "hugepages_mb", running->hugepages_mb == wanted->hugepages_mb },
		{ "lcore", running->lcore == wanted->lcore },
		{ "eal", same_eal(running, wanted) },
		{ "sandbox", running->sandbox == wanted->sandbox },
		{ "telemetry", running->telemetry == wanted->telemetry },
		{ "ports", running->nb_ports == wanted->nb_ports },
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!fixed[i].same)
			return refuse_change(file, fixed[i].key, error);
	for (uint16_t i = 0; i < wanted->nb_ports && rc == 0; i++)
		rc = check_port_change(file, i, &running->port[i], &wanted->port[i], error);
	return rc;
}
