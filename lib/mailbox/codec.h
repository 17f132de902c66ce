/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Words <-> requests and replies, in the vocabulary of 82576 and I350 (82576 sheet, 7.5 and 7.9).
 *
 * Other families give the same numbers other meanings (0x06), so they need a codec of their own.
 * Pure functions of their arguments; any thread. Encoders run on the VF's side and fill the whole
 * message, words in use and the rest zero. Decoders run on the PF's side and trust nothing: a
 * message that is too short, carries a reply flag or a reserved bit in word 0, or holds a value
 * its field has no meaning for is -EBADMSG, and the output is then not to be used.
 */
#ifndef SLUICE_CODEC_H
#define SLUICE_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"

/** Opcodes of requests, VF to PF. */
enum mbx_opcode {
	MBX_VF_RESET = 0x01,
	MBX_SET_MAC = 0x02,		/**< and the additional addresses, by MBX_INFO */
	MBX_SET_MULTICAST = 0x03,
	MBX_SET_VLAN = 0x04,
	MBX_SET_MAX_FRAME = 0x05,	/**< SET_LPE in the sheet */
	MBX_SET_PROMISCUOUS = 0x06,
};

#define MBX_REPLY_WORDS	      1	/**< what a VF has to read of a reply… */
#define MBX_RESET_REPLY_WORDS 3	/**< …and of the reply to MBX_VF_RESET */

#define MBX_MULTICASTS_MAX    30	/**< hash values that fit into one message */
#define MBX_MULTICAST_HASHES  4096	/**< they are smaller than this */

/** What MBX_SET_MAC is about; the values are those of MBX_INFO. */
enum mbx_mac_action {
	MBX_MAC_SET = 0,		/**< the VF's own address */
	MBX_MAC_FILTERS_CLEAR = 1,	/**< drop all additional addresses; the MAC is void */
	MBX_MAC_FILTER_ADD = 2,		/**< one more address to receive */
};

struct mbx_set_mac {
	enum mbx_mac_action action;
	struct mac_addr mac;
};

struct mbx_set_multicast {
	uint16_t hash[MBX_MULTICASTS_MAX];
	uint8_t nb;
	bool overflow;	/**< the VF has more groups than fit into a message */
};

struct mbx_set_vlan {
	uint16_t vlan;	/**< 0..4095 */
	bool add;	/**< else remove */
};

struct mbx_set_max_frame {
	uint32_t bytes;	/**< with CRC and VLAN tag */
};

struct mbx_set_promiscuous {
	bool unicast;
	bool multicast;
};

void mbx_encode_reset(struct mbx_msg *msg);
void mbx_encode_set_mac(struct mbx_msg *msg, const struct mbx_set_mac *request);
void mbx_encode_set_vlan(struct mbx_msg *msg, const struct mbx_set_vlan *request);
void mbx_encode_set_max_frame(struct mbx_msg *msg, const struct mbx_set_max_frame *request);
void mbx_encode_set_promiscuous(struct mbx_msg *msg, const struct mbx_set_promiscuous *request);

/** Hashes beyond MBX_MULTICASTS_MAX are left out; set request->overflow to say so. */
void mbx_encode_set_multicast(struct mbx_msg *msg, const struct mbx_set_multicast *request);

/** The 12-bit hash of a multicast address (82576 sheet, 5.6, RCTL.MO = 0). */
uint16_t mbx_multicast_hash(const struct mac_addr *mac);

/** 0 or -EBADMSG, as all decoders. */
int mbx_decode_reset(const struct mbx_msg *msg);
int mbx_decode_set_mac(const struct mbx_msg *msg, struct mbx_set_mac *request);
int mbx_decode_set_multicast(const struct mbx_msg *msg, struct mbx_set_multicast *request);
int mbx_decode_set_vlan(const struct mbx_msg *msg, struct mbx_set_vlan *request);
int mbx_decode_set_max_frame(const struct mbx_msg *msg, struct mbx_set_max_frame *request);
int mbx_decode_set_promiscuous(const struct mbx_msg *msg, struct mbx_set_promiscuous *request);

/**
 * Reply to MBX_VF_RESET: exactly 0x80000001 and the address, or 0x40000001 if there is none.
 *
 * @param mac  NULL or zero: none is assigned, the VF picks its own
 *
 * Never MBX_CTS: Linux's igbvf compares word 0 without masking it.
 */
void mbx_reply_reset(struct mbx_msg *reply, const struct mac_addr *mac);

/**
 * Reply to any other request: its opcode, and @p flags (MBX_ACK or MBX_NACK, and MBX_CTS).
 *
 * MBX_INFO is kept for the sub-commands of MBX_SET_MAC, which VFs compare, and stripped from all
 * else: a VF looks for (opcode | NACK) and would take a refusal that kept MBX_INFO for consent.
 */
void mbx_reply(struct mbx_msg *reply, const struct mbx_msg *request, uint32_t flags);

/** An unsolicited message of the PF: MBX_PF_CONTROL with @p flags. */
void mbx_control(struct mbx_msg *msg, uint32_t flags);

/**
 * What the PF answered to @p request, on the VF's side; for MBX_VF_RESET see below.
 *
 * @return 0 granted; -EPERM refused; -EBADMSG not an answer to this request
 */
int mbx_check_reply(const struct mbx_msg *request, const struct mbx_msg *reply);

/**
 * The PF's answer to MBX_VF_RESET, MBX_RESET_REPLY_WORDS words of it.
 *
 * @param mac  the VF's address
 * @return 0; -ENODATA the PF has no address for the VF, which is reset nevertheless; -EBADMSG
 */
int mbx_check_reset_reply(const struct mbx_msg *reply, struct mac_addr *mac);

#endif /* SLUICE_CODEC_H */
