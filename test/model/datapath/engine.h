/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the files of the datapath share among themselves.
 */
#ifndef MODEL_ENGINE_H
#define MODEL_ENGINE_H

#include <string.h>

#include "datapath.h"
#include "dma.h"
#include "wire.h"

#define CRC_BYTES	  4
#define TAG_BYTES	  4
#define ETHERNET_BYTES	  14
#define ADDRESSES_BYTES	  12	/* both of them: where a tag goes */
#define FRAME_BYTES_MIN	  60	/* without CRC */
#define DESCRIPTOR_BYTES  16
#define OUT_BURST	  64
#define DEST_ROWS	  1024
#define DEST_ROW_BITS	  10
#define TOEPLITZ_BYTES	  36	/* of the longest input: IPv6 addresses and ports */
#define ARENA_BYTES	  (256 * 1024)
#define TSO_BYTES	  (256 * 1024 + 1024)	/* PAYLEN has 18 bits; and the headers */
#define PORT_MEMORY_BYTES (512 * 1024)	/* as the larger family's Rx packet buffer */
#define FROM_WIRE	  (-1)

#define ETYPE_IPV4 0x0800
#define ETYPE_IPV6 0x86dd

enum protocol {
	PROTO_TCP = 6, PROTO_UDP = 17, PROTO_IPV6 = 41, PROTO_GRE = 47, PROTO_ESP = 50,
	PROTO_AH = 51, PROTO_SCTP = 132,
};

enum cast { CAST_UNI, CAST_MULTI, CAST_BROAD };

/** What the switch reads in a frame's first bytes. */
struct sight {
	uint64_t dst;		/**< the address's bytes, first one lowest */
	uint16_t tci, etype;	/**< etype: behind the tags */
	uint8_t tag_at;		/**< offset of the tag in the data; 0: it is beside, or none */
	bool tagged, outer_tag;
	enum cast cast;
};

enum { ONLY_WIRE = -1, ONLY_NOT = -2 };

/** A destination as the cache keeps it. */
struct dest {
	uint64_t key, stamp, pools;
	int8_t only;		/**< the one pool, with nothing to decide; or ONLY_* */
	bool wire;		/**< from a pool: goes out as well */
	bool inexact;		/**< only a hash took it */
};

/** The last sender of a pool that anti-spoof let pass. */
struct honest {
	uint64_t key, stamp;
};

/** Toeplitz by bytes: a hash is one look-up for each byte of the input. */
struct toeplitz_table {
	uint64_t burst;		/**< the key was last compared in */
	uint8_t key[40];
	uint32_t value[TOEPLITZ_BYTES][256];
};

/** An Rx queue as it was found in this burst. */
struct rx_room {
	uint64_t burst;
	uint32_t free;		/**< descriptors that we know to be ours */
	uint32_t plain_max;	/**< bytes of a frame that needs but one buffer; 0: none is such */
};

/** What is worked out once for each nic->generation. */
struct plan {
	uint64_t stamp;		/**< generation + 1; 0: nothing yet */
	bool mirrors, storm, etypes;
	/** Frames of at least 60 bytes up to this take the short way; 0: none. */
	uint32_t quick_max;
	uint64_t spoof_checked;	/**< pools */
};

/** A frame on its way into Rx rings. */
struct rx_job {
	const struct frame *frame;
	const struct sight *sight;
	const struct rss *rss;		/**< what seen was computed with; NULL: not yet */
	struct classified seen;
	uint8_t pool;
	bool inexact;
	bool strip, hide;		/**< the tag, beyond what the queue itself does */
};

struct queue_set {
	uint64_t bits[NIC_QUEUES_MAX / 64];
};

/** The port's Rx packet buffer: frames in order, the first of them blocked. */
struct frame_list;

struct datapath {
	struct plan plan;
	uint64_t burst;			/**< counts them; what was found out in another is void */
	uint32_t nb_waiting;		/**< frames in the port's memory */
	uint32_t waiting_bytes;		/**< of them, with CRC */
	struct queue_set rx_moved;	/**< have new frames that nobody was told of */
	struct wire_frame out[OUT_BURST];
	unsigned int nb_out;
	uint32_t arena_used;
	bool missed;			/**< frames were lost since the last cause */
	uint64_t now_ns, next_vector_ns;
	uint64_t tx_resume_ns;		/**< PAUSE was received: until then; 0: none */
	bool xoff_sent;			/**< the other end is stopped; once more at ... */
	uint64_t xoff_again_ns;
	struct queue_set tx_active;	/**< Tx queues that were enabled at the last scan */
	unsigned int scan_in;		/**< polls */
	struct queue_set paced;		/**< Tx queues that wait for their rate limit */
	uint32_t bad_tail[NIC_QUEUES_MAX];	/**< Tx: counted already */
	struct dest dest[DEST_ROWS];
	struct honest honest[NIC_POOLS_MAX];
	struct rx_room rx_room[NIC_QUEUES_MAX];
	/** Of the port's key, and of the pools' own. NULL: not needed yet */
	struct toeplitz_table *toeplitz[1 + NIC_POOLS_MAX];
	struct frame_list *memory;
	uint8_t arena[ARENA_BYTES];	/**< frames that no sender's buffer holds as they are */
	uint8_t tso[TSO_BYTES];
};

static inline struct datapath *
datapath_of(const struct nic *nic)
{
	return nic->datapath;
}

static inline uint16_t
read_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void
write_be16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline uint32_t
read_be32(const uint8_t *p)
{
	return (uint32_t)read_be16(p) << 16 | read_be16(p + 2);
}

static inline void
write_be32(uint8_t *p, uint32_t value)
{
	write_be16(p, (uint16_t)(value >> 16));
	write_be16(p + 2, (uint16_t)value);
}

/** An address as a number; what follows it must be readable (a frame is longer). */
static inline uint64_t
mac_number(const uint8_t *p)
{
	uint64_t number;

	memcpy(&number, p, sizeof(number));
	return number & 0xffffffffffffULL;
}

static inline void
queue_set_add(struct queue_set *set, unsigned int q)
{
	set->bits[q / 64] |= 1ULL << (q % 64);
}

static inline void
queue_set_remove(struct queue_set *set, unsigned int q)
{
	set->bits[q / 64] &= ~(1ULL << (q % 64));
}

static inline bool
queue_set_has(const struct queue_set *set, unsigned int q)
{
	return (set->bits[q / 64] >> (q % 64) & 1) != 0;
}

static inline bool
queue_set_empty(const struct queue_set *set)
{
	return (set->bits[0] | set->bits[1]) == 0;
}

/* datapath.c */
void plan_fill(const struct nic *nic, struct plan *plan);
/** Room for a frame until the next switch_flush(), which this may cause. */
uint8_t *arena_get(struct nic *nic, uint32_t bytes);

/* checksum.c */
/** One's complement sum of 16-bit words as they lie in memory, folded. */
uint16_t checksum_add(uint32_t sum, const uint8_t *data, uint32_t bytes);
/** CRC of Ethernet; @p crc of what came before, 0 at first. */
uint32_t crc32_ethernet(uint32_t crc, const uint8_t *data, uint32_t bytes);
/** CRC32c with the 4 bytes at @p zero_at as zeros. */
uint32_t crc32c_around(const uint8_t *data, uint32_t bytes, uint32_t zero_at);

/* offload.c */
/** What the descriptors of one frame ask for. */
struct offload {
	const struct tx_context *context;	/**< NULL: none of these */
	bool ip_checksum, l4_checksum, segment;
	bool tunnel;		/**< the context has an outer header */
	bool outer_checksum;	/**< of its IPv4 */
};
/** @return false: offsets are not inside the frame, which is as it was */
bool offload_checksums(const struct offload *offload, uint8_t *data, uint32_t len);
/**
 * Cut the frame into segments and give each to the switch.
 *
 * @return frames; 0: malformed
 */
unsigned int offload_segment(struct nic *nic, const struct offload *offload,
			     const struct frame *frame);

/* classify.c */
/** Where the headers of a frame are. */
struct parsed {
	uint16_t etype;
	uint8_t ip;		/**< 4, 6; 0: none */
	uint8_t l4;		/**< protocol; 0: none to be seen */
	bool options;		/**< or extension headers */
	bool fragment, whole;	/**< whole: all that the IP header announces is there */
	bool rerouted;		/**< IPv6: the last destination is not in the header */
	uint32_t l3_at, l4_at, ip_end;
	const uint8_t *src, *dst;	/**< addresses, as RSS sees them */
};
void frame_parse(const struct nic *nic, const uint8_t *data, uint32_t len, struct parsed *parsed);

/* tunnel.c */
/** A tunnel, and where the frame in it begins. */
struct tunnel {
	uint32_t type;		/**< bits of the packet type */
	uint32_t inner_at;
};
/** @return false: none that the device looks into */
bool tunnel_find(const struct nic *nic, const uint8_t *data, uint32_t len,
		 const struct parsed *outer, struct tunnel *tunnel);
/** Bytes of the headers that were recognised, to split behind; 0: none. */
uint32_t header_bytes(const struct nic *nic, const uint8_t *data, uint32_t len);
/** With a table for the key. */
uint32_t rss_hash(const struct nic *nic, const struct rss *rss, const uint8_t *input,
		  unsigned int bytes);

/* rx.c */
/**
 * Into the ring.
 *
 * @return 0; -ENOBUFS: no descriptors, the caller keeps the frame; -ENOSPC: none, and dropped;
 *         -EMSGSIZE, -ENODEV (no such queue now), -EIO: dropped
 */
int rx_place(struct nic *nic, struct rx_queue *q, struct rx_job *job);
/** The queue as it is in this burst. @return NULL: there is no such queue now */
struct rx_room *rx_room(struct nic *nic, struct rx_queue *q);
/** Tell software of what its rings hold now. */
void rx_causes(struct nic *nic);

/* switch.c */
/** The tags of a frame that has some. */
void sight_tags(const struct nic *nic, const struct frame *frame, struct sight *sight);
/** As switch_from_pool(), of a frame that no lane takes. */
void switch_from_pool_slowly(struct nic *nic, const struct frame *frame);
/** Into the rings of @p pools. @return pools that must wait */
uint64_t switch_deliver(struct nic *nic, const struct frame *frame, const struct sight *sight,
			uint64_t pools, bool inexact);

/* filter.c */
void dest_fill(const struct nic *nic, const struct sight *sight, int source_pool,
	       struct dest *row);
bool pool_has_vlan(const struct nic *nic, unsigned int pool, uint16_t vid);
bool pool_has_mac(const struct nic *nic, unsigned int pool, uint64_t mac);
/** Pools in @p pools that own @p mac. */
uint64_t pools_with_mac(const struct nic *nic, uint64_t pools, uint64_t mac);

/* spoof.c */
bool spoof_allowed(struct nic *nic, const struct frame *frame, const struct sight *sight);

/* storm.c */
/** @return false: a storm is on, no pool gets the frame */
bool storm_allows(struct nic *nic, const struct sight *sight, uint32_t bytes);
void storm_count_pool(struct nic *nic, unsigned int pool, enum cast cast, uint32_t bytes);

/* mirror.c */
/** @return @p pools and those that look on */
uint64_t mirror_pools(const struct nic *nic, uint64_t pools, const struct sight *sight,
		      const struct frame *frame, bool to_wire);

/* memory.c: the port's Rx packet buffer */
struct frame_list *memory_create(void);
void memory_free(struct frame_list *list);
void memory_clear(struct nic *nic);
/** For whom a frame waits: pools, or one queue. */
struct waiting {
	uint64_t pools;
	struct rx_queue *queue;
	bool inexact;
};
/** Keep a copy behind the others. No room: missed, and counted. */
void memory_push(struct nic *nic, const struct frame *frame, const struct waiting *waiting);
/** Deliver until one is blocked. @return frames that left */
unsigned int memory_drain(struct nic *nic);
/** Nothing waits for that pool any more. */
void memory_forget(struct nic *nic, unsigned int pool);

/* pause.c */
/** A frame from the wire. @return the MAC keeps it: flow control, or none for the host */
bool pause_arrives(struct nic *nic, const struct frame *frame);
/** Nothing may be sent now. */
bool pause_holds(struct nic *nic);
/** Stop the other end or let it go on, as the port's memory is. */
void pause_watch(struct nic *nic);

/* stats.c */
/** What waits in dp->out is on its way. */
void stats_sent(struct nic *nic, const struct wire_frame *frames, unsigned int nb);

/* 64, 65-127, 128-255, 256-511, 512-1023, above: with CRC. */
static inline unsigned int
size_class(uint32_t bytes)
{
	unsigned int log2;

	if (bytes <= 64)
		return 0;
	log2 = 31 - (unsigned int)__builtin_clz(bytes);
	return log2 >= 10 ? 5 : log2 - 5;
}

/** Worked out again if the state has changed. */
static inline const struct plan *
plan_get(struct nic *nic)
{
	struct plan *plan = &datapath_of(nic)->plan;

	if (plan->stamp != nic->generation + 1ULL)
		plan_fill(nic, plan);
	return plan;
}

/** @return false: too short to be a frame */
static inline bool
sight_read(const struct nic *nic, const struct frame *frame, struct sight *sight)
{
	const uint8_t *data = frame->data;

	if (frame->len < ETHERNET_BYTES)
		return false;
	sight->dst = mac_number(data);
	sight->cast = CAST_UNI;
	if ((sight->dst & 1) != 0)
		sight->cast = sight->dst == 0xffffffffffffULL ? CAST_BROAD : CAST_MULTI;
	sight->tag_at = 0;
	sight->tagged = sight->outer_tag = false;
	sight->tci = 0;
	sight->etype = read_be16(data + ADDRESSES_BYTES);
	if (frame->has_vlan || nic->filters.double_vlan ||
	    sight->etype == nic->filters.vlan_etype)
		sight_tags(nic, frame, sight);
	return true;
}

/** What a row is of besides its key. */
static inline uint64_t
dest_stamp(const struct nic *nic, int source_pool)
{
	return (nic->generation + 1ULL) | (uint64_t)(source_pool + 1) << 40;
}

static inline struct dest *
dest_row(struct datapath *dp, uint64_t key, int source_pool)
{
	uint64_t mixed = (key ^ (uint64_t)(source_pool + 1) << 57) * 0x9e3779b97f4a7c15ULL;

	return &dp->dest[mixed >> (64 - DEST_ROW_BITS)];
}

static inline const struct dest *
dest_find(struct nic *nic, const struct sight *sight, int source_pool)
{
	uint64_t tag = sight->tagged ? 0x1000u | (sight->tci & 0xfff) : 0;
	uint64_t key = sight->dst | tag << 48;
	struct dest *row = dest_row(datapath_of(nic), key, source_pool);
	uint64_t stamp = dest_stamp(nic, source_pool);

	if (row->key != key || row->stamp != stamp) {
		dest_fill(nic, sight, source_pool, row);
		row->key = key;
		row->stamp = stamp;
	}
	return row;
}

#endif /* MODEL_ENGINE_H */
