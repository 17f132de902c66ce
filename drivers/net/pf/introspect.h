/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a PF tells of its device besides its traffic: registers, NVM, module, firmware.
 */
#ifndef SLUICE_PF_INTROSPECT_H
#define SLUICE_PF_INTROSPECT_H

#include <stddef.h>
#include <stdint.h>

#include "reg_dump.h"

struct pf;
struct rte_dev_eeprom_info;
struct rte_dev_reg_info;
struct rte_eth_dev;
struct rte_eth_dev_module_info;

/** A family's part of it; what is NULL or 0 is not there, and ENOTSUP to the application. */
struct pf_introspect {
	struct reg_ranges common;	/**< registers of the families that are much alike */
	struct reg_ranges own;		/**< and those of this one */

	/** Words of the NVM; words @p address on, under the lock that firmware knows. */
	uint32_t (*nvm_words)(struct pf *pf);
	int (*read_nvm)(struct pf *pf, uint16_t address, uint16_t *words, unsigned int nb);
	/** @return 0 or -errno */
	int (*firmware)(struct pf *pf, char *text, size_t size);

	/**
	 * Bytes of the module in the cage. @return 0; -EIO there is none
	 *
	 * @param device  the module's address, as the first byte of a write
	 */
	int (*read_module)(struct pf *pf, uint8_t device, uint8_t from, uint8_t *bytes,
			   unsigned int nb);
};

extern const struct pf_introspect introspect_82576;
extern const struct pf_introspect introspect_i350;
extern const struct pf_introspect introspect_82599;
extern const struct pf_introspect introspect_x540;
extern const struct pf_introspect introspect_x550;

/* dev_ops. */
int pf_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info);
int pf_get_eeprom_length(struct rte_eth_dev *dev);
int pf_get_eeprom(struct rte_eth_dev *dev, struct rte_dev_eeprom_info *info);
int pf_get_module_info(struct rte_eth_dev *dev, struct rte_eth_dev_module_info *info);
int pf_get_module_eeprom(struct rte_eth_dev *dev, struct rte_dev_eeprom_info *info);
int pf_fw_version_get(struct rte_eth_dev *dev, char *text, size_t size);

/** What a table of operations has of these. */
#define PF_INTROSPECT_OPS \
	.get_reg = pf_get_reg, \
	.get_eeprom_length = pf_get_eeprom_length, \
	.get_eeprom = pf_get_eeprom, \
	.get_module_info = pf_get_module_info, \
	.get_module_eeprom = pf_get_module_eeprom, \
	.fw_version_get = pf_fw_version_get

#endif /* SLUICE_PF_INTROSPECT_H */
