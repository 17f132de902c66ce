/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "introspect.h"
#include "pf.h"

/* A lock shared with firmware is held for so many words, or bytes, at a time. */
#define NVM_CHUNK    64
#define MODULE_CHUNK 32

#define FIRMWARE_TEXT 32

/* SFF-8472: where a module's two memories answer, and what the first tells of the second. */
#define MODULE_DEVICE	    0xa0
#define MODULE_DIAGNOSTICS  0xa2
#define MODULE_MONITORING   92	/* kind of monitoring; then, at 94, the revision of SFF-8472 */
#define MONITORING_THERE    BIT(6)
#define MONITORING_BY_PAGES BIT(2)	/* an address change that we do not make */

static int
check_there(struct pf *pf)
{
	return pf->gone || pf->family->is_gone(pf) ? pf_set_gone(pf) : 0;
}

int
pf_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info)
{
	struct pf *pf = pf_of(dev);
	const struct pf_introspect *family = pf->family->introspect;
	const struct reg_dump dump = {
		.part = { &family->common, &family->own },
		.nb_queues = pf->port.family->rxq.count,
	};
	int rc = check_there(pf);

	if (rc < 0)
		return rc;
	info->version = pf->pci->id.device_id;
	return reg_dump(&pf->port, &dump, info);
}

int
pf_get_eeprom_length(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);
	const struct pf_introspect *family = pf->family->introspect;
	int rc = check_there(pf);

	if (rc < 0)
		return rc;
	if (family->nvm_words == NULL)
		return -ENOTSUP;
	return family->nvm_words(pf) * sizeof(uint16_t);
}

/* Bytes from @p offset on, of words that are little endian. */
static int
read_nvm_bytes(struct pf *pf, uint32_t offset, uint8_t *data, uint32_t nb)
{
	uint16_t words[NVM_CHUNK];

	while (nb > 0) {
		uint32_t inside = offset % 2;
		uint32_t bytes = RTE_MIN(nb, sizeof(words) - inside);
		int rc = pf->family->introspect->read_nvm(pf, offset / 2, words,
							  (inside + bytes + 1) / 2);

		if (rc < 0)
			return rc;
		for (uint32_t i = 0; i < bytes; i++)
			data[i] = words[(inside + i) / 2] >> (inside + i) % 2 * 8;
		data += bytes;
		offset += bytes;
		nb -= bytes;
	}
	return 0;
}

int
pf_get_eeprom(struct rte_eth_dev *dev, struct rte_dev_eeprom_info *info)
{
	struct pf *pf = pf_of(dev);
	int length = pf_get_eeprom_length(dev);

	if (length < 0)
		return length;
	if (info->offset > (uint32_t)length || info->length > length - info->offset)
		return -EINVAL;
	info->magic = pf->pci->id.vendor_id | (uint32_t)pf->pci->id.device_id << 16;
	return read_nvm_bytes(pf, info->offset, info->data, info->length);
}

int
pf_get_module_info(struct rte_eth_dev *dev, struct rte_eth_dev_module_info *info)
{
	struct pf *pf = pf_of(dev);
	const struct pf_introspect *family = pf->family->introspect;
	uint8_t bytes[3];
	int rc = check_there(pf);

	if (rc < 0)
		return rc;
	if (family->read_module == NULL || pf->media != MEDIA_SFP)
		return -ENOTSUP;
	rc = family->read_module(pf, MODULE_DEVICE, MODULE_MONITORING, bytes, sizeof(bytes));
	if (rc < 0)
		return rc;
	if (bytes[2] != 0 && (bytes[0] & MONITORING_THERE) != 0 &&
	    (bytes[0] & MONITORING_BY_PAGES) == 0) {
		info->type = RTE_ETH_MODULE_SFF_8472;
		info->eeprom_len = RTE_ETH_MODULE_SFF_8472_LEN;
	} else {
		info->type = RTE_ETH_MODULE_SFF_8079;
		info->eeprom_len = RTE_ETH_MODULE_SFF_8079_LEN;
	}
	return 0;
}

int
pf_get_module_eeprom(struct rte_eth_dev *dev, struct rte_dev_eeprom_info *info)
{
	struct pf *pf = pf_of(dev);
	uint32_t at = info->offset, left = info->length;
	struct rte_eth_dev_module_info module;
	uint8_t *data = info->data;
	int rc = pf_get_module_info(dev, &module);

	if (rc == 0 && (at > module.eeprom_len || left > module.eeprom_len - at))
		rc = -EINVAL;
	while (rc == 0 && left > 0) {
		uint32_t half = RTE_ETH_MODULE_SFF_8079_LEN, inside = at % half;
		uint32_t bytes = RTE_MIN(RTE_MIN(left, half - inside), (uint32_t)MODULE_CHUNK);
		uint8_t device = at < half ? MODULE_DEVICE : MODULE_DIAGNOSTICS;

		rc = pf->family->introspect->read_module(pf, device, inside, data, bytes);
		at += bytes;
		data += bytes;
		left -= bytes;
	}
	return rc;
}

int
pf_fw_version_get(struct rte_eth_dev *dev, char *text, size_t size)
{
	struct pf *pf = pf_of(dev);
	char version[FIRMWARE_TEXT];
	size_t needed;
	int rc = check_there(pf);

	if (rc < 0)
		return rc;
	if (pf->family->introspect->firmware == NULL)
		return -ENOTSUP;
	rc = pf->family->introspect->firmware(pf, version, sizeof(version));
	if (rc < 0)
		return rc;
	needed = strlen(version) + 1;
	if (size < needed)
		return needed;
	memcpy(text, version, needed);
	return 0;
}
