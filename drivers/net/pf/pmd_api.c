/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * rte_pmd_sluice.h: find the port, check the VF, take the lock, call.
 */
#include <assert.h>
#include <errno.h>

#include "log.h"
#include "pf.h"

#define MULTICAST_HASHES 4096
#define SRIOV_VF_OFFSET	 0x14 /* in the SR-IOV capability; the stride is behind it */

static_assert(RTE_PMD_SLUICE_MIRROR_NONE == POOL_NONE, "as the books have it");

/* NULL: no port of ours. The device may be gone: its registers are not read. */
static struct pf *
look_up_port(uint16_t port_id)
{
	struct rte_eth_dev *dev;

	if (!rte_eth_dev_is_valid_port(port_id))
		return NULL;
	dev = &rte_eth_devices[port_id];
	return dev->dev_ops == &pf_dev_ops ? pf_of(dev) : NULL;
}

/* NULL with *rc set: no port of ours, no such VF, or the device is gone. */
static struct pf *
find_port(uint16_t port_id, int *rc)
{
	struct pf *pf = look_up_port(port_id);

	*rc = pf != NULL ? 0 : -ENODEV;
	if (pf != NULL && (pf->gone || pf->family->is_gone(pf)))
		*rc = pf_set_gone(pf);
	return *rc == 0 ? pf : NULL;
}

static struct pf *
find_vf(uint16_t port_id, uint16_t vf, int *rc)
{
	struct pf *pf = find_port(port_id, rc);

	if (pf != NULL && vf >= pf->nb_vfs) {
		*rc = -EINVAL;
		return NULL;
	}
	return pf;
}

/* As find_vf(), with the port's lock taken. */
static struct pf *
lock_vf(uint16_t port_id, uint16_t vf, int *rc)
{
	struct pf *pf = find_vf(port_id, vf, rc);

	if (pf != NULL)
		pthread_mutex_lock(&pf->lock);
	return pf;
}

static int
unlock(struct pf *pf, int rc)
{
	pthread_mutex_unlock(&pf->lock);
	return rc;
}

int
rte_pmd_sluice_set_handler(uint16_t port_id, const struct rte_pmd_sluice_handler *handler,
			   void *ctx)
{
	struct pf *pf;
	int rc;

	pf = find_port(port_id, &rc);
	if (pf == NULL)
		return rc;
	events_set_handler(pf, handler, ctx, false);
	if (handler == NULL && pf->live)
		events_attach_default(pf);
	return 0;
}

int
rte_pmd_sluice_poll(uint16_t port_id)
{
	struct pf *pf;
	int rc;

	pf = find_port(port_id, &rc);
	if (pf == NULL)
		return rc;
	if (!pf->live)
		return 0;
	rc = events_serve(pf);
	if (rc > 0)
		pf->stats.events_polled += rc;
	return rc;
}

int
rte_pmd_sluice_vf_count(uint16_t port_id)
{
	struct pf *pf;
	int rc;

	pf = find_port(port_id, &rc);
	return pf != NULL ? pf->nb_vfs : rc;
}

int
rte_pmd_sluice_vf_limits(uint16_t port_id, uint16_t *enabled, uint16_t *most)
{
	struct pf *pf;
	int rc;

	pf = find_port(port_id, &rc);
	if (pf == NULL)
		return rc;
	*enabled = pf->family->count_vfs(pf);
	*most = pf->family->max_vfs;
	return 0;
}

/* Of the capability: where the first VF is from the PF, and the second from the first. */
static int
read_vf_places(const struct pf *pf, uint16_t places[2])
{
	off_t at = rte_pci_find_ext_capability(pf->pci, RTE_PCI_EXT_CAP_ID_SRIOV);
	int bytes = 2 * sizeof(places[0]), nb;

	if (at <= 0)
		return -ENOTSUP;
	nb = rte_pci_read_config(pf->pci, places, bytes, at + SRIOV_VF_OFFSET);
	return nb == bytes ? 0 : -EIO;
}

int
rte_pmd_sluice_vf_address(uint16_t port_id, uint16_t vf, char pci[RTE_PMD_SLUICE_PCI_BYTES])
{
	struct rte_pci_addr address;
	uint16_t places[2], id;
	struct pf *pf;
	int rc;

	pf = find_vf(port_id, vf, &rc);
	if (pf == NULL)
		return rc;
	rc = read_vf_places(pf, places);
	if (rc < 0)
		return rc;
	address = pf->pci->addr;
	id = address.bus << 8 | address.devid << 3 | address.function;
	id += rte_le_to_cpu_16(places[0]) + vf * rte_le_to_cpu_16(places[1]);
	address.bus = id >> 8;
	address.devid = id >> 3 & 0x1f;
	address.function = id & 7;
	/* No longer than that, as a domain of more than 16 bits is none of a slot. */
	snprintf(pci, RTE_PMD_SLUICE_PCI_BYTES, PCI_PRI_FMT, address.domain, address.bus,
		 address.devid, address.function);
	return 0;
}

int
rte_pmd_sluice_dialect(uint16_t port_id)
{
	struct pf *pf;
	int rc;

	pf = find_port(port_id, &rc);
	return pf != NULL ? (int)pf->family->dialect : rc;
}

int
rte_pmd_sluice_send(uint16_t port_id, uint16_t vf, const struct mbx_msg *message)
{
	struct pf *pf;
	int rc;

	pf = find_vf(port_id, vf, &rc);
	if (pf == NULL)
		return rc;
	if (message->words == 0 || message->words > MBX_WORDS)
		return -EINVAL;
	rc = mailbox_send(pf, vf, message);
	if (rc == -EBUSY)
		pf->stats.mailbox_busy++;
	return rc;
}

int
rte_pmd_sluice_hold_off(uint16_t port_id, uint16_t vf, uint32_t ms)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	if (pf == NULL)
		return rc;
	return unlock(pf, ms <= RTE_PMD_SLUICE_HOLD_MS_MAX ? hold_start(pf, vf, ms) : -EINVAL);
}

int
rte_pmd_sluice_pool_reset(uint16_t port_id, uint16_t vf)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_reset(pf, vf)) : rc;
}

int
rte_pmd_sluice_pool_enable(uint16_t port_id, uint16_t vf)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_enable(pf, vf, true)) : rc;
}

int
rte_pmd_sluice_pool_disable(uint16_t port_id, uint16_t vf)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_enable(pf, vf, false)) : rc;
}

int
rte_pmd_sluice_pool_add_mac(uint16_t port_id, uint16_t vf, const struct mac_addr *mac)
{
	struct pf *pf;
	int rc;

	if (!mac_is_unicast(mac))
		return -EINVAL;
	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, filter_add_mac(pf, vf, mac)) : rc;
}

int
rte_pmd_sluice_pool_remove_mac(uint16_t port_id, uint16_t vf, const struct mac_addr *mac)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, filter_remove_mac(pf, vf, mac)) : rc;
}

int
rte_pmd_sluice_pool_set_multicast(uint16_t port_id, uint16_t vf, const uint16_t *hashes,
				  uint16_t nb)
{
	uint32_t words[MULTICAST_WORDS] = { 0 };
	struct pf *pf;
	uint16_t i;
	int rc;

	for (i = 0; i < nb; i++) {
		if (hashes[i] >= MULTICAST_HASHES)
			return -EINVAL;
		words[hashes[i] / 32] |= BIT(hashes[i] % 32);
	}
	pf = lock_vf(port_id, vf, &rc);
	if (pf == NULL)
		return rc;
	filter_set_multicast(pf, vf, words);
	return unlock(pf, 0);
}

int
rte_pmd_sluice_pool_set_accept(uint16_t port_id, uint16_t vf, uint32_t accept)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_set_accept(pf, vf, accept)) : rc;
}

int
rte_pmd_sluice_pool_add_vlan(uint16_t port_id, uint16_t vf, uint16_t vlan)
{
	struct pf *pf;
	int rc;

	if (vlan >= VLAN_IDS)
		return -EINVAL;
	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, filter_add_vlan(pf, vf, vlan)) : rc;
}

int
rte_pmd_sluice_pool_remove_vlan(uint16_t port_id, uint16_t vf, uint16_t vlan)
{
	struct pf *pf;
	int rc;

	if (vlan >= VLAN_IDS)
		return -EINVAL;
	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, filter_remove_vlan(pf, vf, vlan)) : rc;
}

int
rte_pmd_sluice_pool_set_port_vlan(uint16_t port_id, uint16_t vf, uint16_t vlan, uint8_t qos)
{
	struct pf *pf;
	int rc;

	if (vlan >= VLAN_IDS || qos > 7)
		return -EINVAL;
	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_set_port_vlan(pf, vf, vlan, qos)) : rc;
}

int
rte_pmd_sluice_pool_set_max_frame(uint16_t port_id, uint16_t vf, uint32_t bytes)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_set_max_frame(pf, vf, bytes)) : rc;
}

int
rte_pmd_sluice_pool_set_spoof_check(uint16_t port_id, uint16_t vf, bool on)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_set_spoof_check(pf, vf, on)) : rc;
}

int
rte_pmd_sluice_pool_set_tx_rate(uint16_t port_id, uint16_t vf, uint32_t mbps)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_set_tx_rate(pf, vf, mbps)) : rc;
}

int
rte_pmd_sluice_pool_set_mirror(uint16_t port_id, uint16_t vf, uint16_t to)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	if (pf == NULL)
		return rc;
	if (to == RTE_PMD_SLUICE_MIRROR_PF)
		to = pf->pool;
	else if (to != RTE_PMD_SLUICE_MIRROR_NONE && to >= pf->nb_vfs)
		return unlock(pf, -EINVAL);
	return unlock(pf, pool_set_mirror(pf, vf, to));
}

int
rte_pmd_sluice_only_mirrors(uint16_t port_id, bool on)
{
	int rc;

	if (find_port(port_id, &rc) == NULL)
		return rc;
	return rx_mode_only_mirrors(&rte_eth_devices[port_id], on);
}

int
rte_pmd_sluice_pool_set_drop(uint16_t port_id, uint16_t vf, bool on)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_set_drop(pf, vf, on)) : rc;
}

int
rte_pmd_sluice_pool_limit_interrupts(uint16_t port_id, uint16_t vf, uint32_t min_us,
				     uint32_t max_us)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_limit_interrupts(pf, vf, min_us, max_us)) : rc;
}

int
rte_pmd_sluice_loopback(uint16_t port_id, bool on)
{
	struct pf *pf;
	int rc;

	pf = find_port(port_id, &rc);
	if (pf == NULL)
		return rc;
	pthread_mutex_lock(&pf->lock);
	return unlock(pf, switch_set_loopback(pf, on));
}

int
rte_pmd_sluice_storm_control(uint16_t port_id, uint32_t broadcast_kbps, uint32_t multicast_kbps)
{
	struct pf *pf;
	int rc;

	pf = find_port(port_id, &rc);
	if (pf == NULL)
		return rc;
	pthread_mutex_lock(&pf->lock);
	return unlock(pf, switch_set_storm(pf, broadcast_kbps, multicast_kbps));
}

int
rte_pmd_sluice_pool_stats(uint16_t port_id, uint16_t vf, struct rte_pmd_sluice_pool_stats *stats)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	if (pf == NULL)
		return rc;
	pf_pool_stats_refresh(pf, vf);
	pf_pool_stats(pf, vf, stats);
	return unlock(pf, 0);
}

int
rte_pmd_sluice_pool_stats_last(uint16_t port_id, uint16_t vf,
			       struct rte_pmd_sluice_pool_stats *stats)
{
	struct pf *pf = look_up_port(port_id);

	if (pf == NULL)
		return -ENODEV;
	if (vf >= pf->nb_vfs)
		return -EINVAL;
	pthread_mutex_lock(&pf->lock);
	pf_pool_stats(pf, vf, stats);
	return unlock(pf, 0);
}

int
rte_pmd_sluice_pool_get_info(uint16_t port_id, uint16_t vf, struct pool_info *info)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_get_info(pf, info)) : rc;
}

int
rte_pmd_sluice_pool_get_rss(uint16_t port_id, uint16_t vf, struct pool_rss *rss)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, pool_get_rss(pf, rss)) : rc;
}

int
rte_pmd_sluice_malicious_detect(uint16_t port_id, bool on)
{
	struct pf *pf;
	int rc;

	pf = find_port(port_id, &rc);
	if (pf == NULL)
		return rc;
	pthread_mutex_lock(&pf->lock);
	return unlock(pf, malicious_switch(pf, on));
}

int
rte_pmd_sluice_malicious_release(uint16_t port_id, uint16_t vf)
{
	struct pf *pf;
	int rc;

	pf = lock_vf(port_id, vf, &rc);
	return pf != NULL ? unlock(pf, malicious_release(pf, vf)) : rc;
}
