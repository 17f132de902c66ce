/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The daemon's configuration file: any bytes. */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"
#include "input.h"

static char path[32];
static int file = -1;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	file = memfd_create("config", 0);
	must(file >= 0, "no file");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return 0;
}

static void
write_file(const uint8_t *data, size_t bytes)
{
	must(ftruncate(file, 0) == 0 && pwrite(file, data, bytes, 0) == (ssize_t)bytes,
	     "the file cannot be written");
}

static void
check_text(const char *text, size_t bytes, const char *what)
{
	size_t length = strnlen(text, bytes);

	must(length < bytes, "%s does not end", what);
	for (size_t i = 0; i < length; i++)
		must((unsigned char)text[i] >= ' ' && text[i] != 0x7f, "%s holds %02x", what,
		     text[i]);
}

static void
check_vf(const struct config_vf *vf, uint16_t number, uint16_t nb_vfs)
{
	must(policy_check_vf(&vf->policy, number, nb_vfs) == POLICY_OK,
	     "a policy that cannot be carried out");
	must(vf->policy.qos == 0 || vf->policy.vlan != 0, "a priority without a VLAN");
	check_text(vf->driver, sizeof(vf->driver), "driver");
	must(vf->driver[0] != '\0', "no driver");
}

/* Everything in range, so that nobody behind has to look again. */
static void
check_config(const struct config *config)
{
	check_text(config->control_socket, sizeof(config->control_socket), "control_socket");
	check_text(config->control_group, sizeof(config->control_group), "control_group");
	check_text(config->state_dir, sizeof(config->state_dir), "state_dir");
	must(config->control_socket[0] == '/' && config->state_dir[0] == '/', "relative path");
	must(config->lcore >= CONFIG_LCORE_ANY && config->lcore < 128, "lcore %d", config->lcore);
	must(config->hugepages_mb >= 16 && config->hugepages_mb <= 1024, "%u MB",
	     config->hugepages_mb);
	must((unsigned int)config->log_level <= CONFIG_LOG_DEBUG, "log level");
	must(config->nb_ports >= 1 && config->nb_ports <= CONFIG_PORTS_MAX, "%u ports",
	     config->nb_ports);
	for (uint16_t i = 0; i < config->nb_ports; i++) {
		const struct config_port *port = &config->port[i];

		check_text(port->pci, sizeof(port->pci), "pci");
		must(strlen(port->pci) == PCI_BYTES - 1, "pci address %s", port->pci);
		must(port->num_vfs <= CONFIG_VFS_MAX, "%u VFs",
		     port->num_vfs);
		for (uint16_t other = 0; other < i; other++)
			must(strcmp(port->pci, config->port[other].pci) != 0, "%s twice",
			     port->pci);
		for (uint16_t vf = 0; vf < port->num_vfs; vf++)
			check_vf(&port->vf[vf], vf, port->num_vfs);
	}
}

static void
check_error(int rc, const char *error)
{
	must(rc == -EINVAL || rc == -EFBIG, "status %d", rc);
	must(strncmp(error, path, strlen(path)) == 0, "the file is not named: %s", error);
	check_text(error, CONFIG_ERROR_BYTES, "the error");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct config config, again, untouched;
	char error[CONFIG_ERROR_BYTES];
	int rc;

	memset(&config, 0x5a, sizeof(config));
	memcpy(&untouched, &config, sizeof(config));
	memset(error, 0xff, sizeof(error));
	write_file(data, bytes);
	rc = config_load(path, &config, error);
	if (rc < 0) {
		check_error(rc, error);
		must(memcmp(&config, &untouched, sizeof(config)) == 0, "refused, and changed");
		return 0;
	}
	must(rc == 0, "status %d", rc);
	check_config(&config);
	must(config_load(path, &again, error) == 0, "not the second time: %s", error);
	must(config_check_change(path, &config, &again, error) == 0, "a change: %s", error);
	return 0;
}
