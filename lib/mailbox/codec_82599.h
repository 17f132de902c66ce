/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Words <-> requests and replies, in the vocabulary of 82599, X540 and X550 (82599 sheet, 7.3
 * to 7.5).
 *
 * RESET, SET_MAC, SET_MULTICAST, SET_VLAN and SET_MAX_FRAME are those of codec.h, with a stricter
 * look at word 0. As there: pure functions, and decoders that trust nothing.
 */
#ifndef SLUICE_CODEC_82599_H
#define SLUICE_CODEC_82599_H

#include "codec.h"
#include "pool_info.h"

/** Opcodes beyond those of codec.h; 0x06 has another meaning there. */
enum mbx_opcode_82599 {
	MBX_82599_EXTRA_MAC = 0x06,	/**< SET_MACVLAN in the sheet */
	MBX_82599_NEGOTIATE = 0x08,
	MBX_82599_GET_QUEUES = 0x09,
	MBX_82599_GET_RETA = 0x0a,
	MBX_82599_GET_RSS_KEY = 0x0b,
	MBX_82599_RECEIVE_MODE = 0x0c,	/**< UPDATE_XCAST_MODE */
	MBX_82599_GET_LINK_STATE = 0x10,
};

#define MBX_82599_RESET_REPLY_WORDS 4
#define MBX_82599_QUEUES_WORDS	    5
#define MBX_82599_RETA_WORDS	    9
#define MBX_82599_RSS_KEY_WORDS	    11
#define MBX_82599_MODE_WORDS	    2
#define MBX_82599_LINK_WORDS	    2

struct mbx_extra_mac {
	bool clear;		/**< drop all additional addresses first */
	bool add;		/**< then add this one */
	struct mac_addr mac;
};

/** The answer to MBX_82599_GET_QUEUES. */
struct mbx_queues {
	uint16_t tx, rx;
	bool strip_vlan;	/**< there is a port VLAN, whose tag the VF has to take off */
};

/* The VF's side: encoders fill the whole message. */
void mbx_82599_encode_set_max_frame(struct mbx_msg *msg, uint32_t bytes);
void mbx_82599_encode_set_multicast(struct mbx_msg *msg, const uint16_t *hashes, uint8_t nb);
void mbx_82599_encode_extra_mac(struct mbx_msg *msg, const struct mbx_extra_mac *request);
void mbx_82599_encode_negotiate(struct mbx_msg *msg, enum mbx_api api);
void mbx_82599_encode_receive_mode(struct mbx_msg *msg, enum mbx_receive_mode mode);
/** A request of a bare opcode: GET_QUEUES and its like; @p words as the reply has. */
void mbx_82599_encode_get(struct mbx_msg *msg, enum mbx_opcode_82599 opcode, uint8_t words);

/**
 * The 12-bit hash of a multicast address.
 *
 * @param type  which bits (82599 sheet, 7.5), 0..3; others are taken modulo 4
 */
uint16_t mbx_82599_multicast_hash(const struct mac_addr *mac, uint32_t type);

/** Queues as the PF counts them, made plausible: 1..@p most each. @return 0; -EBADMSG; -EPERM */
int mbx_82599_check_queues(const struct mbx_msg *request, const struct mbx_msg *reply,
			   uint16_t most, struct mbx_queues *queues);

/* What a granted GET_RETA and GET_RSS_KEY tell. */
void mbx_82599_read_reta(const struct mbx_msg *reply, uint8_t queue[POOL_RSS_ENTRIES]);
void mbx_82599_read_rss_key(const struct mbx_msg *reply, uint8_t key[POOL_RSS_KEY_BYTES]);

/* The PF's side: 0 or -EBADMSG, as all decoders. */
int mbx_82599_decode_reset(const struct mbx_msg *msg);
int mbx_82599_decode_set_mac(const struct mbx_msg *msg, struct mac_addr *mac);
int mbx_82599_decode_set_multicast(const struct mbx_msg *msg, struct mbx_set_multicast *request);
int mbx_82599_decode_extra_mac(const struct mbx_msg *msg, struct mbx_extra_mac *request);
int mbx_82599_decode_negotiate(const struct mbx_msg *msg, uint32_t *api);
int mbx_82599_decode_receive_mode(const struct mbx_msg *msg, enum mbx_receive_mode *mode);
/** A request of a bare opcode. */
int mbx_82599_decode_get(const struct mbx_msg *msg);

/**
 * Reply to RESET: word 0 exactly 0x80000001 or 0x40000001, the address, and the hash type 0.
 *
 * @param mac  NULL or zero: none is assigned, the VF picks its own
 */
void mbx_82599_reply_reset(struct mbx_msg *reply, const struct mac_addr *mac);

/** Reply to any other request: opcode and MBX_INFO as asked, which VFs compare, and @p flags. */
void mbx_82599_reply(struct mbx_msg *reply, const struct mbx_msg *request, uint32_t flags);

/* Replies with something to tell: granted, and clear to send. */
void mbx_82599_reply_queues(struct mbx_msg *reply, const struct mbx_msg *request,
			    const struct mbx_queues *queues);
/** Two bits an entry: pools have no more than four queues of one hash. */
void mbx_82599_reply_reta(struct mbx_msg *reply, const struct mbx_msg *request,
			  const uint8_t queue[POOL_RSS_ENTRIES]);
void mbx_82599_reply_rss_key(struct mbx_msg *reply, const struct mbx_msg *request,
			     const uint8_t key[POOL_RSS_KEY_BYTES]);
void mbx_82599_reply_word(struct mbx_msg *reply, const struct mbx_msg *request, uint32_t word1);

#endif /* SLUICE_CODEC_82599_H */
