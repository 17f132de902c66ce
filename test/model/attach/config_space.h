/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The PCI configuration space of a model's function, as VFIO would show it.
 *
 * Identity, BARs, MSI-X, PCI Express with function-level reset, and in the PF SR-IOV. A VF's shows
 * its identity and its BARs, which hardware leaves to the PF and VFIO fills in.
 */
#ifndef MODEL_CONFIG_SPACE_H
#define MODEL_CONFIG_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nic.h"

#define CONFIG_BYTES 4096

/** Registers that others look at. */
enum {
	CONFIG_COMMAND = 0x04,
	CONFIG_MSIX_CONTROL = 0x72,
	CONFIG_DEVICE_CONTROL = 0xa8,
};

#define COMMAND_MEMORY	   0x0002
#define COMMAND_BUS_MASTER 0x0004
#define MSIX_ENABLE	   0x8000
#define DEVICE_CONTROL_FLR 0x8000

/** @param vfs  that the PF has enabled; of no meaning for a VF */
void config_space_fill(uint8_t config[CONFIG_BYTES], const struct nic_family *family, int vf,
		       unsigned int vfs);

/**
 * Software writes: bits that it may not write stay.
 *
 * @return whether that asks for a function-level reset, whose bit reads as 0
 */
bool config_space_write(uint8_t config[CONFIG_BYTES], const void *data, size_t bytes,
			uint64_t offset);

static inline uint16_t
config_get16(const uint8_t *config, unsigned int at)
{
	return config[at] | config[at + 1] << 8;
}

static inline void
config_set16(uint8_t *config, unsigned int at, uint16_t value)
{
	config[at] = value;
	config[at + 1] = value >> 8;
}

#endif /* MODEL_CONFIG_SPACE_H */
