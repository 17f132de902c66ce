/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * tenant: starts all its ports, sends what it is told to, and says what each of them received.
 *
 *	tenant --no-huge -m 64 -d librte_bus_sluicemodel.so -d librte_net_sluice.so
 *		--vdev sluicemodel0,connect=/tmp/nic.sock,function=vf0-7
 *
 * At start "port P NAME MAC" for each, and "ready". Then a line on standard input is a command:
 *	send P DST SRC ID N	N frames with that number ID in them
 *	flood P DST ID N	as send, in bursts; "flooded P N NS", in so many ns
 *	foreign P		a frame from memory that the port does not have
 *	external P		"external taken" or "external refused": memory that is not DPDK's
 *	scribble N		as often any word into all doorbell pages; "scribbled"
 *	vanish			takes all packet memory away, from the model too; then nothing more
 *	link P			"link P up" or "link P down"
 *	tally			"got P ID DST N" for what came since, "bad P N", "reset P"; "end"
 * Frames are received while it waits; the last one is the end of standard input.
 */
#include <err.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_memory.h>

#define RING_SLOTS   64
#define MBUFS_A_PORT 256
#define BURST	     32
#define FRAME_BYTES  60
#define ETHERTYPE    0x88b5	/* for experiments */
#define LINK_WAIT_MS 60000
#define TALLIES_MAX  8192
#define FDS_MAX	     4096
#define NOBODYS_IOVA 0x123000ull	/* below what any process maps */

struct payload {
	rte_be32_t id;
	uint8_t fill[FRAME_BYTES - RTE_ETHER_HDR_LEN - 4];
} __attribute__((packed));	/* 14 bytes into the frame */

struct tally {
	uint16_t port;
	uint32_t id;
	struct rte_ether_addr dst;
	unsigned int nb;
};

static struct rte_mempool *pool;
static struct tally tallies[TALLIES_MAX];
static unsigned int nb_tallies;
static unsigned int bad[RTE_MAX_ETHPORTS];
static atomic_bool reset[RTE_MAX_ETHPORTS];

/* --- Ports --- */

static int
on_reset(uint16_t port, enum rte_eth_event_type type, void *ctx, void *answer)
{
	(void)type;
	(void)ctx;
	(void)answer;
	atomic_store(&reset[port], true);
	return 0;
}

static int
start_port(uint16_t port)
{
	const struct rte_eth_conf conf = { .rxmode.mtu = RTE_ETHER_MTU };
	uint16_t rxd = RING_SLOTS, txd = RING_SLOTS;
	int rc = rte_eth_dev_configure(port, 1, 1, &conf);

	if (rc == 0)
		rc = rte_eth_dev_adjust_nb_rx_tx_desc(port, &rxd, &txd);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(port, 0, rxd, SOCKET_ID_ANY, NULL, pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(port, 0, txd, SOCKET_ID_ANY, NULL);
	if (rc == 0)
		rc = rte_eth_dev_callback_register(port, RTE_ETH_EVENT_INTR_RESET, on_reset, NULL);
	if (rc == 0)
		rc = rte_eth_dev_start(port);
	return rc;
}

static bool
link_is_up(uint16_t port)
{
	struct rte_eth_link link = { 0 };

	return rte_eth_link_get_nowait(port, &link) == 0 && link.link_status == RTE_ETH_LINK_UP;
}

static void
start_ports(void)
{
	char name[RTE_ETH_NAME_MAX_LEN], text[RTE_ETHER_ADDR_FMT_SIZE];
	struct rte_ether_addr mac;
	uint16_t port;

	RTE_ETH_FOREACH_DEV(port) {
		int rc = start_port(port);

		if (rc != 0)
			errx(EX_UNAVAILABLE, "port %u: %s", port, rte_strerror(-rc));
	}
	RTE_ETH_FOREACH_DEV(port) {
		for (int ms = 0; ms < LINK_WAIT_MS && !link_is_up(port); ms += 10)
			usleep(10000);
		if (!link_is_up(port))
			errx(EX_UNAVAILABLE, "port %u: no link", port);
		rte_eth_dev_get_name_by_port(port, name);
		rte_eth_macaddr_get(port, &mac);
		rte_ether_format_addr(text, sizeof(text), &mac);
		printf("port %u %s %s\n", port, name, text);
	}
	printf("ready\n");
	fflush(stdout);
}

/* --- Frames --- */

static void
fill_payload(struct payload *payload, uint32_t id)
{
	payload->id = rte_cpu_to_be_32(id);
	for (size_t i = 0; i < sizeof(payload->fill); i++)
		payload->fill[i] = id * 31 + i;
}

static void
count(uint16_t port, uint32_t id, const struct rte_ether_addr *dst)
{
	unsigned int i;

	for (i = 0; i < nb_tallies; i++)
		if (tallies[i].port == port && tallies[i].id == id &&
		    rte_is_same_ether_addr(&tallies[i].dst, dst))
			break;
	if (i == TALLIES_MAX)
		errx(EX_SOFTWARE, "more senders than there are");
	if (i == nb_tallies)
		tallies[nb_tallies++] = (struct tally){ .port = port, .id = id, .dst = *dst };
	tallies[i].nb++;
}

static void
judge(uint16_t port, const struct rte_mbuf *m)
{
	const struct rte_ether_hdr *header = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	const struct payload *payload = (const struct payload *)(header + 1);
	struct payload wanted;

	if (m->data_len < FRAME_BYTES || header->ether_type != RTE_BE16(ETHERTYPE)) {
		bad[port]++;
		return;
	}
	fill_payload(&wanted, rte_be_to_cpu_32(payload->id));
	if (memcmp(payload, &wanted, sizeof(wanted)) != 0)
		bad[port]++;
	else
		count(port, rte_be_to_cpu_32(payload->id), &header->dst_addr);
}

static unsigned int
receive_all(void)
{
	struct rte_mbuf *m[BURST];
	unsigned int received = 0;
	uint16_t port;

	RTE_ETH_FOREACH_DEV(port) {
		uint16_t nb;

		while ((nb = rte_eth_rx_burst(port, 0, m, BURST)) > 0) {
			for (uint16_t i = 0; i < nb; i++)
				judge(port, m[i]);
			rte_pktmbuf_free_bulk(m, nb);
			received += nb;
		}
	}
	return received;
}

static struct rte_mbuf *
make_frame(const struct rte_ether_addr *dst, const struct rte_ether_addr *src, uint32_t id)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	struct rte_ether_hdr *header;

	if (m == NULL)
		errx(EX_SOFTWARE, "no packet buffer");
	header = (struct rte_ether_hdr *)rte_pktmbuf_append(m, FRAME_BYTES);
	header->dst_addr = *dst;
	header->src_addr = *src;
	header->ether_type = RTE_BE16(ETHERTYPE);
	fill_payload((struct payload *)(header + 1), id);
	return m;
}

static void
send_frame(uint16_t port, struct rte_mbuf *m)
{
	for (int i = 0; i < 1000; i++) {
		if (rte_eth_tx_burst(port, 0, &m, 1) == 1)
			return;
		usleep(100);
	}
	rte_pktmbuf_free(m);
	bad[port]++;
}

/** What finds no room goes out with the next burst. @return sent */
static unsigned int
send_burst(uint16_t port, const struct rte_ether_addr *dst, const struct rte_ether_addr *src,
	   uint32_t id)
{
	static struct rte_mbuf *m[BURST];
	static unsigned int nb;
	unsigned int sent;

	while (nb < BURST)
		m[nb++] = make_frame(dst, src, id);
	sent = rte_eth_tx_burst(port, 0, m, nb);
	nb -= sent;
	memmove(m, &m[sent], nb * sizeof(m[0]));
	return sent;
}

/* --- Commands --- */

static void
do_flood(const char *line)
{
	char dst_text[RTE_ETHER_ADDR_FMT_SIZE];
	struct rte_ether_addr dst, src;
	struct timespec begin, end;
	unsigned int port, id, nb, sent = 0;

	if (sscanf(line, "flood %u %17s %u %u", &port, dst_text, &id, &nb) != 4 ||
	    rte_ether_unformat_addr(dst_text, &dst) != 0)
		errx(EX_USAGE, "%s", line);
	rte_eth_macaddr_get(port, &src);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (sent < nb) {
		sent += send_burst(port, &dst, &src, id);
		receive_all();
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("flooded %u %u %" PRIi64 "\n", port, sent,
	       (end.tv_sec - begin.tv_sec) * INT64_C(1000000000) + end.tv_nsec - begin.tv_nsec);
}

static void
do_send(const char *line)
{
	char dst_text[RTE_ETHER_ADDR_FMT_SIZE], src_text[RTE_ETHER_ADDR_FMT_SIZE];
	struct rte_ether_addr dst, src;
	unsigned int port, id, nb;

	if (sscanf(line, "send %u %17s %17s %u %u", &port, dst_text, src_text, &id, &nb) != 5 ||
	    rte_ether_unformat_addr(dst_text, &dst) != 0 ||
	    rte_ether_unformat_addr(src_text, &src) != 0)
		errx(EX_USAGE, "%s", line);
	for (unsigned int i = 0; i < nb; i++) {
		send_frame(port, make_frame(&dst, &src, id));
		receive_all();
	}
}

static void
do_foreign(uint16_t port)
{
	struct rte_ether_addr mac;
	struct rte_mbuf *m;

	rte_eth_macaddr_get(port, &mac);
	m = make_frame(&mac, &mac, 0);
	m->buf_iova = NOBODYS_IOVA;
	send_frame(port, m);
}

static void
do_external(uint16_t port)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	void *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rte_eth_dev_info info;

	if (memory == MAP_FAILED || rte_eth_dev_info_get(port, &info) != 0 ||
	    rte_extmem_register(memory, page, NULL, 0, page) != 0)
		errx(EX_OSERR, "external");
	printf("external %s\n", rte_dev_dma_map(info.device, memory, (uintptr_t)memory, page) == 0 ?
				"taken" : "refused");
	rte_extmem_unregister(memory, page);
	munmap(memory, page);
}

/** All of a file that this process has; it need not be mapped with rights, or at all. */
static uint32_t *
map_own(const char *name, size_t *bytes)
{
	char link[64], target[128];
	uint32_t *memory = MAP_FAILED;

	for (int fd = 3; fd < FDS_MAX && memory == MAP_FAILED; fd++) {
		ssize_t nb;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		nb = readlink(link, target, sizeof(target) - 1);
		target[nb < 0 ? 0 : nb] = '\0';
		if (strstr(target, name) == NULL)
			continue;
		*bytes = lseek(fd, 0, SEEK_END);
		memory = mmap(NULL, *bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	if (memory == MAP_FAILED)
		errx(EX_OSERR, "no %s", name);
	return memory;
}

/** Through a mapping of its own: whatever the model wants back, this goes on. */
static void
do_scribble(unsigned int nb)
{
	size_t bytes;
	uint32_t *memory = map_own("sluice-model-doorbells", &bytes), word = 1;

	for (unsigned int i = 0; i < nb; i++) {
		for (size_t at = 0; at < bytes / sizeof(*memory); at++) {
			word = word * 1664525 + 1013904223;
			((volatile uint32_t *)memory)[at] = word;
		}
	}
	munmap(memory, bytes);
	printf("scribbled\n");
}

/** The model may have that memory in its hands; this process must not touch it again. */
static void
do_vanish(void)
{
	int fd = rte_memseg_get_fd(rte_mem_virt2memseg(pool, NULL));

	if (fd < 0 || ftruncate(fd, 0) < 0)
		err(EX_OSERR, "vanish");
	if (write(STDOUT_FILENO, "vanished\n", 9) == 9)
		for (;;)
			pause();
	_exit(EX_IOERR);
}

static void
do_tally(void)
{
	char text[RTE_ETHER_ADDR_FMT_SIZE];
	uint16_t port;

	receive_all();
	for (unsigned int i = 0; i < nb_tallies; i++) {
		rte_ether_format_addr(text, sizeof(text), &tallies[i].dst);
		printf("got %u %u %s %u\n", tallies[i].port, tallies[i].id, text, tallies[i].nb);
	}
	nb_tallies = 0;
	RTE_ETH_FOREACH_DEV(port) {
		if (bad[port] != 0)
			printf("bad %u %u\n", port, bad[port]);
		bad[port] = 0;
		if (atomic_exchange(&reset[port], false))
			printf("reset %u\n", port);
	}
	printf("end\n");
}

static void
obey(const char *line)
{
	unsigned int port;

	if (strncmp(line, "send ", 5) == 0)
		do_send(line);
	else if (strncmp(line, "flood ", 6) == 0)
		do_flood(line);
	else if (sscanf(line, "foreign %u", &port) == 1)
		do_foreign(port);
	else if (sscanf(line, "external %u", &port) == 1)
		do_external(port);
	else if (sscanf(line, "link %u", &port) == 1)
		printf("link %u %s\n", port, link_is_up(port) ? "up" : "down");
	else if (sscanf(line, "scribble %u", &port) == 1)
		do_scribble(port);
	else if (strcmp(line, "vanish") == 0)
		do_vanish();
	else if (strcmp(line, "tally") == 0)
		do_tally();
	else
		errx(EX_USAGE, "%s: no such command", line);
	fflush(stdout);
}

/** @return false: there are no more */
static bool
obey_all(void)
{
	static char text[65536];
	static size_t used;
	char *line = text, *end;
	ssize_t nb = read(STDIN_FILENO, &text[used], sizeof(text) - 1 - used);

	if (nb <= 0)
		return false;
	used += nb;
	text[used] = '\0';
	while ((end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		obey(line);
		line = end + 1;
	}
	used -= line - text;
	memmove(text, line, used);
	return true;
}

int
main(int argc, char **argv)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	uint16_t port;
	bool busy;

	if (rte_eal_init(argc, argv) < 0)
		errx(EX_UNAVAILABLE, "EAL: %s", rte_strerror(rte_errno));
	if (rte_eth_dev_count_avail() == 0)
		errx(EX_UNAVAILABLE, "no port");
	pool = rte_pktmbuf_pool_create("tenant", rte_eth_dev_count_avail() * MBUFS_A_PORT + 1, 0, 0,
				       RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (pool == NULL)
		errx(EX_UNAVAILABLE, "packet buffers: %s", rte_strerror(rte_errno));
	start_ports();
	do
		busy = receive_all() > 0;
	while (poll(&input, 1, busy ? 0 : 1) == 0 || obey_all());
	RTE_ETH_FOREACH_DEV(port) {
		rte_eth_dev_stop(port);
		rte_eth_dev_close(port);
	}
	rte_eal_cleanup();
	return EX_OK;
}
