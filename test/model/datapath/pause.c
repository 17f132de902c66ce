/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * 802.3x flow control: 82576 sheet 2.11, 82599 sheet 2.7. A PAUSE frame that is heeded stops all of
 * the transmitter, the switch's part too, as its memory would soon be full of what waits.
 */
#include "lane.h"

#define ETYPE_MAC_CONTROL 0x8808
#define OPCODE_AT	  ETHERNET_BYTES
#define TIME_AT		  (ETHERNET_BYTES + 2)
#define OPCODE_PAUSE	  1
#define QUANTUM_BITS	  512
#define NS_MBPS		  1000	/* bits * this / Mb/s = ns */

static const uint8_t pause_group[MAC_LEN] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 };

static uint64_t
quanta_ns(const struct nic *nic, uint32_t quanta)
{
	uint32_t mbps = nic->port.link_mbps;

	return mbps == 0 ? 0 : (uint64_t)quanta * QUANTUM_BITS * NS_MBPS / mbps;
}

/* @return whether the MAC keeps it */
static bool
heed(struct nic *nic, uint16_t quanta)
{
	struct datapath *dp = datapath_of(nic);

	if (!nic->port.rx_pause) {
		nic->stats.rx_pause_unsupported++;
		return false;
	}
	if (quanta != 0)
		nic->stats.rx_xoff++;
	else
		nic->stats.rx_xon++;
	dp->tx_resume_ns = quanta == 0 ? 0 : nic_now_ns(nic) + quanta_ns(nic, quanta);
	return true;
}

bool
pause_arrives(struct nic *nic, const struct frame *frame)
{
	const uint8_t *data = frame->data;

	if (frame->len < FRAME_BYTES_MIN ||
	    read_be16(data + ADDRESSES_BYTES) != ETYPE_MAC_CONTROL)
		return false;
	if (read_be16(data + OPCODE_AT) != OPCODE_PAUSE)
		return !nic->port.pass_control;
	return memcmp(data, pause_group, MAC_LEN) == 0 && heed(nic, read_be16(data + TIME_AT));
}

bool
pause_holds(struct nic *nic)
{
	struct datapath *dp = datapath_of(nic);

	if (dp->tx_resume_ns != 0 && (dp->now_ns >= dp->tx_resume_ns || !nic->port.rx_pause))
		dp->tx_resume_ns = 0;
	return dp->tx_resume_ns != 0;
}

static void
send_pause(struct nic *nic, uint16_t quanta)
{
	uint8_t *data = arena_get(nic, FRAME_BYTES_MIN);

	memset(data, 0, FRAME_BYTES_MIN);
	memcpy(data, pause_group, MAC_LEN);
	memcpy(data + MAC_LEN, nic->mac, MAC_LEN);
	write_be16(data + ADDRESSES_BYTES, ETYPE_MAC_CONTROL);
	write_be16(data + OPCODE_AT, OPCODE_PAUSE);
	write_be16(data + TIME_AT, quanta);
	if (quanta != 0)
		nic->stats.tx_xoff++;
	else
		nic->stats.tx_xon++;
	put_out(nic, data, FRAME_BYTES_MIN);
	switch_flush(nic);
}

/* Above the high mark, and again as long as the low one is not reached. */
void
pause_watch(struct nic *nic)
{
	const struct port_state *port = &nic->port;
	struct datapath *dp = datapath_of(nic);
	bool again = dp->xoff_sent && dp->waiting_bytes >= port->low_water &&
		     dp->now_ns >= dp->xoff_again_ns;

	if (again || (!dp->xoff_sent && dp->waiting_bytes > port->high_water)) {
		send_pause(nic, port->pause_time);
		dp->xoff_sent = true;
		dp->xoff_again_ns = UINT64_MAX;
		if (port->pause_refresh != 0 && port->pause_refresh < port->pause_time)
			dp->xoff_again_ns = dp->now_ns +
				quanta_ns(nic, port->pause_time - port->pause_refresh);
	} else if (dp->xoff_sent && dp->waiting_bytes < port->low_water) {
		if (port->send_xon)
			send_pause(nic, 0);
		dp->xoff_sent = false;
	}
}
