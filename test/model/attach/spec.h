/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file What the arguments of a vdev "sluicemodel..." say. */
#ifndef MODEL_SPEC_H
#define MODEL_SPEC_H

#include "attach.h"

#define SPEC_TEXT_BYTES	 256
#define SPEC_ERROR_BYTES 256

struct spec {
	const struct nic_family *family;
	unsigned int vfs;
	enum doorbell_mode doorbell;
	int core;		/**< -1: wherever no lcore is */
	bool probe_pf, probe_vfs;
	bool has_mac;
	uint8_t mac[MAC_LEN];
	char wire[SPEC_TEXT_BYTES];
	/** Socket of a port in another process; empty: the port is here. */
	char connect[SPEC_TEXT_BYTES];
	int first, last;	/**< functions that are devices: VFs, or from PF_INDEX on */
	/** Devargs of the functions, and which driver they are for; empty: the first that wants. */
	char pf_args[SPEC_TEXT_BYTES], vf_args[SPEC_TEXT_BYTES];
	char pf_driver[SPEC_TEXT_BYTES], vf_driver[SPEC_TEXT_BYTES];
};

/**
 * Read "key=value,key=value"; a value in brackets may have commas and equal signs.
 *
 * @param error  one line that names key, value and what is allowed
 * @return 0 or -EINVAL
 */
int spec_parse(const char *text, struct spec *spec, char error[SPEC_ERROR_BYTES]);

#endif /* MODEL_SPEC_H */
