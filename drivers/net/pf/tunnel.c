/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * By which UDP port tunnels are known, for the whole port: the frames of its VFs too.
 */
#include <errno.h>

#include "log.h"
#include "pf.h"

/* Needed without a tunnel of NVGRE, which is known by its header. @return 0 or -errno */
static int
check(const struct pf *pf, const struct rte_eth_udp_tunnel *tunnel)
{
	if (pf->gone)
		return -EIO;
	if (pf->family->write_vxlan_port == NULL) {
		PF_LOG(ERR, "port %u: the %s does not look into UDP tunnels", pf->port_id,
		       pf->family->name);
		return -ENOTSUP;
	}
	if (tunnel->prot_type != RTE_ETH_TUNNEL_TYPE_VXLAN) {
		PF_LOG(ERR, "port %u: of UDP tunnels the %s knows VXLAN only", pf->port_id,
		       pf->family->name);
		return -ENOTSUP;
	}
	return 0;
}

static int
add(struct pf *pf, uint16_t udp_port)
{
	if (udp_port == 0) {
		PF_LOG(ERR, "port %u: UDP port 0 is no tunnel's: 1..65535", pf->port_id);
		return -EINVAL;
	}
	if (pf->vxlan_port != 0 && pf->vxlan_port != udp_port) {
		PF_LOG(ERR, "port %u: the device knows one UDP port of VXLAN, now %u: delete it"
		       " before %u is added", pf->port_id, pf->vxlan_port, udp_port);
		return -ENOSPC;
	}
	pf->vxlan_port = udp_port;
	pf->family->write_vxlan_port(pf);
	return 0;
}

static int
del(struct pf *pf, uint16_t udp_port)
{
	if (udp_port == 0 || pf->vxlan_port != udp_port) {
		PF_LOG(ERR, "port %u: UDP port %u was not added", pf->port_id, udp_port);
		return -EINVAL;
	}
	pf->vxlan_port = 0;
	pf->family->write_vxlan_port(pf);
	return 0;
}

int
pf_tunnel_port_add(struct rte_eth_dev *dev, struct rte_eth_udp_tunnel *tunnel)
{
	struct pf *pf = pf_of(dev);
	int rc = check(pf, tunnel);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&pf->lock);
	rc = add(pf, tunnel->udp_port);
	pthread_mutex_unlock(&pf->lock);
	return rc;
}

int
pf_tunnel_port_del(struct rte_eth_dev *dev, struct rte_eth_udp_tunnel *tunnel)
{
	struct pf *pf = pf_of(dev);
	int rc = check(pf, tunnel);

	if (rc < 0)
		return rc;
	pthread_mutex_lock(&pf->lock);
	rc = del(pf, tunnel->udp_port);
	pthread_mutex_unlock(&pf->lock);
	return rc;
}
