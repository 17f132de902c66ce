/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What PF and VF say to each other: the message, its word 0, and the decoded requests.
 *
 * Word 0 of every message: opcode 15:0, extra info 23:16, flags 31:29 (82576 sheet, 7.4).
 */
#ifndef SLUICE_MESSAGE_H
#define SLUICE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MBX_WORDS 16	/**< words of the shared buffer, both families */

#define MBX_OPCODE     UINT32_C(0x0000ffff)
#define MBX_INFO       UINT32_C(0x00ff0000)
#define MBX_INFO_SHIFT 16
#define MBX_CTS	       UINT32_C(0x20000000)	/**< PF to VF: clear to send */
#define MBX_NACK       UINT32_C(0x40000000)	/**< refused */
#define MBX_ACK	       UINT32_C(0x80000000)	/**< done */
#define MBX_FLAGS      (MBX_CTS | MBX_NACK | MBX_ACK)

/** Unsolicited PF message; with CTS "look at the link", without it "reset yourself". */
#define MBX_PF_CONTROL UINT32_C(0x0100)

/**
 * Versions of the 82599's vocabulary, as they cross the mailbox (82599 sheet, 7.4). 2.0 was a
 * branch that gave opcodes other meanings and took the number in between; leaving it out, a newer
 * version is a larger number.
 */
enum mbx_api {
	MBX_API_10 = 0,
	MBX_API_20 = 1,
	MBX_API_11 = 2,		/**< queues, jumbo frames on 82599 */
	MBX_API_12 = 3,		/**< RSS, receive modes, link state */
	MBX_API_13 = 4,		/**< unicast promiscuous */
	MBX_API_14 = 5,		/**< IPsec */
	MBX_API_15 = 6,		/**< another handshake of the buffer */
};

/** What a VF of the 82599's dialect wants to receive; each includes those before it. */
enum mbx_receive_mode {
	MBX_MODE_NONE = 0,
	MBX_MODE_MULTICAST = 1,		/**< by the hashes set */
	MBX_MODE_ALL_MULTICAST = 2,
	MBX_MODE_PROMISCUOUS = 3,	/**< from MBX_API_13 */
};

#define MAC_BYTES 6

/** An Ethernet address, in the order of the wire. */
struct mac_addr {
	uint8_t byte[MAC_BYTES];
};

/** One message, copied out of or into the shared buffer. */
struct mbx_msg {
	uint32_t word[MBX_WORDS];
	uint8_t words;	/**< in use, 1..MBX_WORDS */
};

static inline bool
mac_is_zero(const struct mac_addr *mac)
{
	static const struct mac_addr zero;

	return memcmp(mac, &zero, sizeof(zero)) == 0;
}

static inline bool
mac_is_multicast(const struct mac_addr *mac)
{
	return (mac->byte[0] & 1) != 0;
}

/** An address a station may own: neither zero nor multicast. */
static inline bool
mac_is_unicast(const struct mac_addr *mac)
{
	return !mac_is_multicast(mac) && !mac_is_zero(mac);
}

static inline bool
mac_equal(const struct mac_addr *a, const struct mac_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_MESSAGE_H */
