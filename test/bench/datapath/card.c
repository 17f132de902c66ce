/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_ethdev.h>

#include "card.h"
#include "datapath.h"
#include "fd_trap.h"
#include "model_bus.h"
#include "port.h"

#define FIRST_PCI_BUS 0xe0
#define DEVICE_BUDGET 4096
#define OPEN_MAX      (4 + 2 * CARD_VFS_MAX)
#define IDLE_US	      50
#define IDLE_ROUNDS   2

struct card {
	struct attach *attach;
	struct nic *nic;
	struct feed *feed;
	struct spec spec;	/* the devices keep pointers into it */
	struct model_device *pf, *vf[CARD_VFS_MAX];
	unsigned int nb_vfs;
	const struct page *open[OPEN_MAX];
	unsigned int nb_open;
};

/** What the thread runs. */
static struct {
	pthread_mutex_t awake;	/* of whoever may touch the cards */
	bool started, rests;
	pthread_t thread;
	struct card *card[CARDS_MAX];
	unsigned int numbered;
} cards = { .awake = PTHREAD_MUTEX_INITIALIZER };

/* --- The thread --- */

static void
run_all(void)
{
	for (unsigned int i = 0; i < CARDS_MAX; i++) {
		if (cards.card[i] == NULL)
			continue;
		port_lock(cards.card[i]->attach);
		nic_poll(cards.card[i]->nic, DEVICE_BUDGET);
		port_unlock(cards.card[i]->attach);
	}
}

static void *
thread_main(void *arg)
{
	for (;;) {
		pthread_mutex_lock(&cards.awake);
		run_all();
		pthread_mutex_unlock(&cards.awake);
		usleep(IDLE_US);
	}
	return arg;
}

static int
start_thread(void)
{
	pthread_attr_t attributes;
	cpu_set_t all;
	int rc;

	if (cards.started)
		return 0;
	pthread_mutex_lock(&cards.awake);
	cards.rests = true;
	/* Not where EAL has put its caller. */
	memset(&all, 0xff, sizeof(all));
	pthread_attr_init(&attributes);
	pthread_attr_setaffinity_np(&attributes, sizeof(all), &all);
	rc = pthread_create(&cards.thread, &attributes, thread_main, NULL);
	pthread_attr_destroy(&attributes);
	cards.started = rc == 0;
	return -rc;
}

void
cards_awake(void)
{
	if (cards.rests)
		pthread_mutex_unlock(&cards.awake);
	cards.rests = false;
}

void
cards_rest(void)
{
	if (!cards.rests)
		pthread_mutex_lock(&cards.awake);
	cards.rests = true;
}

/* --- Life --- */

static int
make_port(struct card *card, const struct card_config *config, const struct nic_family *family)
{
	struct attach_options options = {
		.family = family, .nb_vfs = config->nb_vfs, .doorbell = DOORBELL_TRAP,
		.no_thread = true, .mac = { 0x02, 0x51, 0x1c, 0xe0, (uint8_t)cards.numbered },
	};

	card->feed = feed_create(family->link_mbps);
	if (card->feed == NULL)
		return -ENOMEM;
	options.wire = &card->feed->wire;
	card->attach = attach_create(&options);
	if (card->attach == NULL) {
		wire_free(options.wire);
		return -errno;
	}
	card->nic = attach_nic(card->attach);
	/* The mbufs are none of EAL's memory. */
	card->nic->pf.dma.identity = true;
	for (unsigned int vf = 0; vf < config->nb_vfs; vf++)
		card->nic->vf[vf].dma.identity = true;
	return 0;
}

static struct model_device *
take(struct card *card, int vf, uint8_t bus, int *rc)
{
	struct model_device *device = model_device_create(card->attach, vf, bus, &card->spec);

	*rc = -rte_errno;
	if (device == NULL)
		return NULL;
	*rc = model_device_probe(device);
	if (*rc == 0)
		return device;
	model_device_free(device);
	if (*rc > 0)
		*rc = -ENODEV;
	return NULL;
}

static int
take_all(struct card *card, const struct card_config *config)
{
	uint8_t bus = (uint8_t)(FIRST_PCI_BUS + cards.numbered % CARDS_MAX);
	int rc;

	snprintf(card->spec.pf_driver, sizeof(card->spec.pf_driver), "%s", config->pf_driver);
	snprintf(card->spec.vf_driver, sizeof(card->spec.vf_driver), "%s", config->vf_driver);
	card->pf = take(card, PF_INDEX, bus, &rc);
	for (unsigned int vf = 0; vf < config->nb_vfs && rc == 0; vf++) {
		card->vf[vf] = take(card, (int)vf, bus, &rc);
		card->nb_vfs += rc == 0;
	}
	return rc;
}

static int
add(struct card *card)
{
	for (unsigned int i = 0; i < CARDS_MAX; i++) {
		if (cards.card[i] != NULL)
			continue;
		cards_rest();
		cards.card[i] = card;
		cards_awake();
		return 0;
	}
	return -ENOSPC;
}

int
card_create(struct card **out, const struct card_config *config, const char **why)
{
	const struct nic_family *family = nic_family_find(config->family);
	struct card *card;
	int rc;

	*why = "there is no such family";
	if (family == NULL)
		return -EINVAL;
	rc = fd_trap_install(why);
	if (rc != 0)
		return rc;
	*why = "the port cannot be made";
	card = calloc(1, sizeof(*card));
	rc = card == NULL ? -ENOMEM : start_thread();
	if (rc == 0)
		rc = make_port(card, config, family);
	if (rc != 0) {
		free(card);
		return rc;
	}
	rc = add(card);
	*why = "no driver takes it";
	if (rc == 0)
		rc = take_all(card, config);
	cards.numbered++;
	if (rc != 0)
		card_free(card);
	else
		*out = card;
	return rc;
}

static void
let_go(struct model_device *device)
{
	if (device == NULL)
		return;
	model_device_remove(device);
	model_device_free(device);
}

void
card_free(struct card *card)
{
	cards_awake();
	for (unsigned int vf = 0; vf < card->nb_vfs; vf++)
		let_go(card->vf[vf]);
	let_go(card->pf);
	cards_rest();
	for (unsigned int i = 0; i < CARDS_MAX; i++)
		if (cards.card[i] == card)
			cards.card[i] = NULL;
	attach_free(card->attach);
	free(card);
}

uint16_t
card_port(const struct card *card, int vf)
{
	const struct model_device *device = vf == PF_INDEX ? card->pf : card->vf[vf];
	uint16_t port = RTE_MAX_ETHPORTS;

	(void)rte_eth_dev_get_port_by_name(device->pci.name, &port);
	return port;
}

struct feed *
card_feed(struct card *card)
{
	return card->feed;
}

struct attach *
card_attach(const struct card *card)
{
	return card->attach;
}

/* --- While it rests --- */

/** Memory of its own for a page of software's view, or the file's, where accesses trap. */
static int
map_page(const struct card *card, const struct page *page, bool plain)
{
	struct attach *attach = card->attach;
	uint8_t *address = port_page_address(attach, page);
	off_t in_file = (off_t)(page - attach->page) * PAGE_BYTES;
	void *mapped = plain ?
		mmap(address, PAGE_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) :
		mmap(address, PAGE_BYTES, PROT_NONE, MAP_SHARED | MAP_FIXED, attach->memfd,
		     in_file);

	return mapped == MAP_FAILED ? -errno : 0;
}

/** Where software has the queue's registers: in the page through which it wrote the tail last. */
static volatile uint32_t *
find_block(const struct card *card, struct function *owner, const struct page *page,
	   struct block wanted)
{
	uint32_t first = (uint32_t)(page - port_pages(card->attach, owner)) * PAGE_BYTES;

	for (uint32_t at = 0; at < PAGE_BYTES; at += BLOCK_BYTES) {
		struct block block = block_at(card->attach, block_pf_offset(owner, first + at));

		if (block.is_queue && block.is_tx == wanted.is_tx && block.queue == wanted.queue)
			return (uint32_t *)(port_page_address(card->attach, page) + at);
	}
	return NULL;
}

static int
open_page(struct card *card, const struct page *page)
{
	int rc;

	for (unsigned int i = 0; i < card->nb_open; i++)
		if (card->open[i] == page)
			return 0;
	if (card->nb_open == OPEN_MAX)
		return -ENOSPC;
	rc = map_page(card, page, true);
	if (rc == 0)
		card->open[card->nb_open++] = page;
	return rc;
}

/** Let a queue be looked at where software sees it. */
static int
open_queue(struct card *card, struct block block)
{
	struct attach *attach = card->attach;
	struct nic *nic = card->nic;
	struct function *owner =
		block.is_tx ? nic->txq[block.queue].owner : nic->rxq[block.queue].owner;
	const struct page *page =
		block.is_tx ? attach->tx_page[block.queue] : attach->rx_page[block.queue];
	volatile uint32_t *home = block_home(nic, block), *here;
	int rc;

	if (!block_runs_for(nic, block, owner))
		return 0;
	here = page == NULL ? NULL : find_block(card, owner, page, block);
	rc = here == NULL ? -ENODEV : open_page(card, page);
	if (rc != 0)
		return rc;
	for (unsigned int i = 0; i < BLOCK_DWORDS; i++)
		here[i] = home[i];
	*block_pointer(nic, block) = here;
	return 0;
}

int
card_open(struct card *card)
{
	int rc = 0;

	port_lock(card->attach);
	for (uint16_t q = 0; q < card->nic->family->nb_queues && rc == 0; q++) {
		rc = open_queue(card, (struct block){ .is_queue = true, .queue = q });
		if (rc == 0)
			rc = open_queue(card, (struct block){
				.is_queue = true, .is_tx = true, .queue = q });
	}
	port_unlock(card->attach);
	return rc;
}

static void
close_queue(struct card *card, struct block block)
{
	volatile uint32_t **here = block_pointer(card->nic, block);
	volatile uint32_t *home = block_home(card->nic, block);

	if (*here == home)
		return;
	home[RING_HEAD] = (*here)[RING_HEAD];
	home[RING_TAIL] = (*here)[RING_TAIL];
	*here = home;
}

void
card_close(struct card *card)
{
	port_lock(card->attach);
	for (uint16_t q = 0; q < card->nic->family->nb_queues; q++) {
		close_queue(card, (struct block){ .is_queue = true, .queue = q });
		close_queue(card, (struct block){ .is_queue = true, .is_tx = true, .queue = q });
	}
	while (card->nb_open != 0)
		map_page(card, card->open[--card->nb_open], false);
	port_unlock(card->attach);
}

unsigned int
card_run(struct card *card, unsigned int frames)
{
	struct nic *nic = card->nic;
	uint64_t missed;

	port_lock(card->attach);
	missed = nic->stats.rx_missed;
	card->feed->due += frames;
	/* It may look for queues that run only after a round without any work. */
	for (unsigned int idle = 0; idle < IDLE_ROUNDS; idle++)
		if (nic_poll(nic, DEVICE_BUDGET) != 0)
			idle = 0;
	missed = nic->stats.rx_missed - missed + card->feed->due;
	card->feed->due = 0;
	port_unlock(card->attach);
	return (unsigned int)missed;
}

unsigned int
card_buffers(const struct card *card, const uint8_t **buffers, unsigned int max)
{
	const struct nic *nic = card->nic;
	unsigned int nb = 0;

	for (uint16_t i = 0; i < nic->family->nb_queues; i++) {
		const struct rx_queue *q = &nic->rxq[i];
		const struct {
			uint64_t buffer, header;
		} *ring = (const void *)(uintptr_t)q->base;	/* DMA is by address */

		if (!q->enabled)
			continue;
		for (uint32_t at = q->head; at != q->block[RING_TAIL] && nb < max;
		     at = (at + 1) % q->nb_desc)
			buffers[nb++] = (const uint8_t *)(uintptr_t)ring[at].buffer;
	}
	return nb;
}

uint64_t
card_traps(const struct card *card)
{
	return attach_counters(card->attach)->traps;
}
