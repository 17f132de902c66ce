/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The daemon's own reading of a configuration file, by anybody, anywhere. */

#include <stdio.h>
#include <sysexits.h>

#include "ctl.h"

int
validate_main(struct ctl *ctl, int argc, char **argv)
{
	static struct config config; /* large */
	char error[CONFIG_ERROR_BYTES];
	unsigned int vfs = 0;
	int rc;

	if (argc != 2)
		return ctl_refuse("validate: name one file");
	rc = config_load(argv[1], &config, error);
	if (rc < 0 && ctl->json)
		(void)ctl_print_json(json_pack("{s:b, s:i, s:s}", "ok", 0, "code", EX_CONFIG,
					       "error", error));
	if (rc < 0) {
		if (!ctl->json)
			(void)ctl_refuse("%s", error);
		return EX_CONFIG;
	}
	for (uint16_t i = 0; i < config.nb_ports; i++)
		vfs += config.port[i].num_vfs;
	if (ctl->json)
		return ctl_print_json(json_pack("{s:b, s:i, s:i}", "ok", 1, "ports",
						config.nb_ports, "vfs", (int)vfs));
	printf("%s: good: %u VFs of %u PFs\n", argv[1], vfs, config.nb_ports);
	return EX_OK;
}
