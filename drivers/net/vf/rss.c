/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "rss.h"
#include "vf_log.h"

static bool
has_own(const struct vf *vf)
{
	return vf->port.rss.regs.entries != 0;
}

int
vf_rss_configure(const struct rte_eth_dev *dev)
{
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	const struct vf *vf = vf_of(dev);
	int rc = rss_configure(dev);

	if (rc == 0 && !has_own(vf) && conf->rx_adv_conf.rss_conf.rss_key != NULL &&
	    (conf->rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG) != 0)
		PORT_LOG(WARNING, vf, "the RSS key is the port's and its PF's to set: ours is not"
			 " used");
	return rc;
}

static void
write_spread(const struct rte_eth_dev *dev)
{
	const struct vf *vf = vf_of(dev);
	const struct vf_family *family = vf->family;
	uint32_t word = 0;

	if (family->spread != 0)
		word = field_set(family->spread, word, rss_spread(dev));
	vf_write(vf, family->header_split, word);
}

void
vf_rss_start(const struct rte_eth_dev *dev)
{
	const struct vf *vf = vf_of(dev);

	rss_write(&vf->port.io, &vf->port.rss);
	write_spread(dev);
}

/* Any request will do: the PF looks which queues run at each. This one changes nothing. */
void
vf_rss_tell(const struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	int rc;

	if (!vf->family->tells_queues || dev->data->nb_rx_queues < 2)
		return;
	rc = vf_ask_max_frame(vf, vf->port.max_frame);
	if (rc < 0)
		PORT_LOG(NOTICE, vf, "the PF was not told of the second queue: %s",
			 rte_strerror(-rc));
}

void
vf_rss_info(const struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct vf *vf = vf_of(dev);

	rss_dev_info(dev, info);
	if (vf->family->port_rss_entries == 0)
		return;
	info->reta_size = vf->family->port_rss_entries;
	info->hash_key_size = RSS_KEY_BYTES;
}

static int
refuse_update(const struct vf *vf, const char *what)
{
	PORT_LOG(ERR, vf, "the RSS %s is the port's and its PF's to set: %s", what,
		 rte_strerror(ENOTSUP));
	return -ENOTSUP;
}

int
vf_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	const struct vf *vf = vf_of(dev);
	int rc;

	if (!has_own(vf))
		return refuse_update(vf, "hash");
	rc = rss_update(dev, conf);
	if (rc == 0)
		write_spread(dev);
	return rc;
}

int
vf_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table, uint16_t size)
{
	const struct vf *vf = vf_of(dev);

	return has_own(vf) ? rss_table_update(dev, table, size) : refuse_update(vf, "table");
}

/* What the PF may tell of the port. */
static int
ask_port(struct vf *vf, const char *what, int (*ask)(struct vf *vf, uint8_t *bytes),
	 uint8_t *bytes)
{
	int rc = -ENOTSUP;

	pthread_mutex_lock(&vf->lock);
	if (ask != NULL)
		rc = vf->ready ? ask(vf, bytes) : -EAGAIN;
	pthread_mutex_unlock(&vf->lock);
	if (rc == -EPERM)
		PORT_LOG(NOTICE, vf, "the PF tells the port's RSS %s to trusted VFs only", what);
	else if (rc < 0)
		PORT_LOG(NOTICE, vf, "the PF cannot be asked for the port's RSS %s: %s", what,
			 rte_strerror(-rc));
	return rc;
}

/* Nothing tells which types the port hashes: they are those that PFs choose by themselves. */
int
vf_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct vf *vf = vf_of(dev);
	uint64_t types = vf->port.rss.types != 0 ? rss_default_types : 0;
	uint8_t key[RSS_KEY_BYTES];
	int rc;

	if (has_own(vf))
		return rss_conf_get(dev, conf);
	rc = ask_port(vf, "key", vf->family->dialect->ask_rss_key, key);
	return rc == 0 ? rss_conf_tell(vf->port_id, conf, types, key) : rc;
}

int
vf_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table, uint16_t size)
{
	struct vf *vf = vf_of(dev);
	uint8_t queue[POOL_RSS_ENTRIES];
	int rc;

	if (has_own(vf))
		return rss_table_query(dev, table, size);
	rc = ask_port(vf, "table", vf->family->dialect->ask_rss_table, queue);
	if (rc == 0)
		rc = rss_table_check_size(vf->port_id, size, POOL_RSS_ENTRIES);
	for (uint16_t i = 0; i < size && rc == 0; i++) {
		struct rte_eth_rss_reta_entry64 *group = &table[i / RTE_ETH_RETA_GROUP_SIZE];

		if ((group->mask & RTE_BIT64(i % RTE_ETH_RETA_GROUP_SIZE)) != 0)
			group->reta[i % RTE_ETH_RETA_GROUP_SIZE] = queue[i];
	}
	return rc;
}
