/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * How a row of the receive address table holds an address (82576 sheet, 5.6; 82599 sheet, 8.3): its
 * first byte lowest, four bytes in RAL and two in the lower half of RAH. Pure.
 */
#ifndef SLUICE_PF_RAR_H
#define SLUICE_PF_RAR_H

#include "message.h"

static inline uint32_t
rar_low(const struct mac_addr *mac)
{
	const uint8_t *byte = mac->byte;

	return byte[0] | byte[1] << 8 | byte[2] << 16 | (uint32_t)byte[3] << 24;
}

static inline uint32_t
rar_high(const struct mac_addr *mac)
{
	return mac->byte[4] | mac->byte[5] << 8;
}

/** @param high  with or without the bits of its upper half */
static inline struct mac_addr
rar_mac(uint32_t low, uint32_t high)
{
	return (struct mac_addr){ { low, low >> 8, low >> 16, low >> 24, high, high >> 8 } };
}

#endif /* SLUICE_PF_RAR_H */
