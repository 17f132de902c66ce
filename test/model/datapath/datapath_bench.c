/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * How many frames of 64 bytes the model moves, one queue pair on one core.
 *
 * usage: datapath_bench [seconds for each]
 *
 * Rings are driven as a driver does, in bursts of 32 and on the same core, so that what is printed
 * holds both sides' work; the model's share of a frame is a little less.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "port_rig.h"

#define BURST	    32
#define RING	    512
#define FRAME_BYTES 60	/* and the CRC */

struct counts {
	uint64_t sent, received;
};

/* Of this thread, whoever else uses the core. */
static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static unsigned int
drive_rx(struct rx_ring *ring)
{
	unsigned int nb = 0;

	while (nb < BURST && (le64toh(ring->desc[2 * ring->next + 1]) & RXD_DD) != 0) {
		ring->desc[2 * ring->next + 1] = 0;
		ring->next = (ring->next + 1) % RING;
		nb++;
	}
	if (nb > 0)
		rx_give(ring, nb);
	return nb;
}

/* RS on the last of a burst. @return frames */
static unsigned int
drive_tx(struct tx_ring *ring, uint32_t sta)
{
	static const uint64_t cmd = TXD_DATA | TXD_EOP | FRAME_BYTES;

	for (unsigned int i = 0; i < BURST; i++) {
		uint8_t *buffer = ring->buffers + (size_t)(ring->next % 64) * RIG_FRAME_BYTES;

		tx_put_raw(ring, (uintptr_t)buffer, cmd | (i == BURST - 1 ? TXD_RS : 0) |
			   (uint64_t)(sta | FRAME_BYTES << 14) << 32);
	}
	tx_bell(ring);
	return BURST;
}

static void
fill_tx(struct tx_ring *ring, const uint8_t *dst, const uint8_t *src)
{
	for (unsigned int i = 0; i < 64; i++) {
		uint8_t *frame = ring->buffers + (size_t)i * RIG_FRAME_BYTES;

		memset(frame, 0, FRAME_BYTES);
		memcpy(frame, dst, MAC_LEN);
		memcpy(frame + MAC_LEN, src, MAC_LEN);
		frame[12] = 0x08;
	}
}

static void
report(const char *what, const struct counts *counts, double took)
{
	double frames = (double)(counts->received > 0 ? counts->received : counts->sent);

	printf("%-22s %7.2f Mpps  %6.1f ns a frame", what, frames / took / 1e6,
	       took / frames * 1e9);
	if (counts->sent > 0 && counts->received > 0)
		printf(" (sent %.2f Mpps)", (double)counts->sent / took / 1e6);
	printf("\n");
}

static void
run(const char *what, struct rig *rig, struct tx_ring *tx, struct rx_ring *rx, double time)
{
	struct counts counts = { 0 };
	double start, now;

	rig->nic->clock.manual = false;
	start = now = seconds();
	while (now - start < time) {
		for (unsigned int i = 0; i < 1000; i++) {
			if (tx != NULL)
				counts.sent += drive_tx(tx, 0);
			rig_poll_budget(rig, BURST);
			if (rx != NULL)
				counts.received += drive_rx(rx);
		}
		now = seconds();
	}
	report(what, &counts, now - start);
}

static struct wire *
make_wire(const char *spec)
{
	char error[256];
	struct wire *wire = wire_create(spec, error, sizeof(error));

	if (wire == NULL) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	return wire;
}

static void
bench_wire(const char *what, bool with_tx, bool with_rx, bool offloads, double time)
{
	struct wire *wire = make_wire(with_rx ? "gen:size=60:dst=02:00:00:00:10:00" : "null");
	struct rig *rig = rig_create(wire);
	struct tx_ring *tx = NULL;
	struct rx_ring *rx = NULL;

	rig->nic->port.check_ip = rig->nic->port.check_l4 = rig->nic->rss.enabled = offloads;
	rig->nic->rss.types = 0xfffe;
	rig_address(rig, 0, rig_mac(0), 0);
	if (with_tx) {
		tx = rig_tx(rig, 0, &rig->nic->pf, RING);
		fill_tx(tx, rig_mac(1), rig_mac(0));
	}
	if (with_rx) {
		rx = rig_rx(rig, 0, &rig->nic->pf, RING);
		rx_give(rx, RING - 1);
	}
	run(what, rig, tx, rx, time);
	rig_free(rig);
	wire_free(wire);
}

static void
bench_switch(double time)
{
	struct wire *wire = make_wire("null");
	struct rig *rig = rig_create(wire);
	struct tx_ring *tx;
	struct rx_ring *rx;

	rig_virtualise(rig, 3);
	for (unsigned int p = 0; p < 2; p++) {
		rig->nic->pool[p].spoof_mac = rig->nic->pool[p].spoof_vlan = true;
		nic_changed(rig->nic);
	}
	tx = rig_tx(rig, 0, &rig->nic->vf[0], RING);
	rx = rig_rx(rig, RIG_QUEUES_PER_POOL, &rig->nic->vf[1], RING);
	fill_tx(tx, rig_mac(1), rig_mac(0));
	rx_give(rx, RING - 1);
	run("VF -> switch -> VF", rig, tx, rx, time);
	rig_free(rig);
	wire_free(wire);
}

int
main(int argc, char **argv)
{
	double time = argc > 1 ? atof(argv[1]) : 1;

	bench_wire("wire(gen) -> Rx", false, true, true, time);
	bench_wire("Tx -> wire(null)", true, false, true, time);
	bench_wire("both, one queue pair", true, true, true, time);
	bench_switch(time);
	return 0;
}
