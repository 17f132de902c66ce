/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A NIC port in memory: one PF and its VFs, as the data sheets tell and not as a driver sees it.
 *
 * Three layers meet in the structures below.
 *   - Registers (regfile.h): software's loads and stores, with their side effects, as table rows.
 *     A family is a set of rows and a few numbers (struct nic_family).
 *   - State: what the registers mean, decoded when they are written (struct rx_queue, struct pool,
 *     struct filters ...). Families write it, everything else reads it.
 *   - Datapath, switch, wires (../datapath, ../wire): know state only, never a register.
 *
 * Nothing here includes a line of drivers/: the transcription of the sheets is our own, so that a
 * driver and its model cannot be wrong together. No DPDK either; ../attach knows that.
 *
 * All functions are called with nic->lock held unless they say otherwise. Time is nic_now_ns():
 * the monotonic clock, or a test's own.
 */
#ifndef MODEL_NIC_H
#define MODEL_NIC_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NIC_VFS_MAX     64
#define NIC_POOLS_MAX   64
#define NIC_QUEUES_MAX  128
#define NIC_VECTORS_MAX 64
#define NIC_RARS_MAX    128
#define NIC_VLVFS_MAX   64
#define NIC_MIRRORS_MAX 4
#define NIC_ETYPES_MAX  8
#define NIC_RETA_MAX    512
#define NIC_FRAME_MAX   16384	/* bytes, with CRC: more than any family takes */
#define MAC_LEN         6
#define NO_VECTOR       0xff
#define PF_INDEX        (-1)

struct nic;
struct function;
struct reg_row;
struct wire;
struct mailbox_layout;

/* --- Time --- */

struct nic_clock {
	bool manual;		/**< a test turns it: now_ns is the time */
	uint64_t now_ns;
};

/* --- Memory of the software, reached by DMA --- */

/** Bus addresses [iova, iova + bytes) are at @p host in this process. */
struct dma_region {
	uint64_t iova, bytes;
	uint8_t *host;
};

/** What one function may reach; its IOMMU domain. */
struct dma_space {
	struct dma_region *region;
	unsigned int nb, last_hit;
	bool identity;		/**< any address is its own host address: no IOMMU */
};

/* --- Interrupts --- */

/**
 * An MSI-X vector with its throttle (EITR).
 *
 * A cause makes it pending; it fires when it is not masked in the MSI-X table and interval_ns have
 * passed since it last fired.
 */
struct vector {
	bool masked;		/**< in the MSI-X table */
	bool pending;
	uint64_t interval_ns;	/**< 0: no throttle */
	uint64_t not_before_ns;
	uint64_t fired;		/**< how often: a test's view */
};

/* --- Functions --- */

/** What becomes of an interrupt, a dead device and so on; the attachment fills it. */
struct function_ops {
	/** The message of @p vector goes out. Must not take nic->lock. */
	void (*msix)(struct function *fn, unsigned int vector, void *ctx);
	void *ctx;
};

/** The PF or a VF: what a PCI function is to software. */
struct function {
	struct nic *nic;
	int vf;			/**< VF number, or PF_INDEX */
	uint32_t *csr;		/**< BAR0's storage: bar_bytes */
	uint32_t bar_bytes;
	const uint16_t *row_of;	/**< by offset / 4: row index + 1, or 0 */
	const struct reg_row *rows;
	unsigned int nb_rows;

	bool present;		/**< on the bus; a VF: enabled in the SR-IOV capability */
	bool gone;		/**< surprise removal: reads all ones, writes and DMA go nowhere */
	bool bus_master;
	bool stopped;		/**< by an IOMMU fault; until its reset */
	uint64_t dma_faults;
	struct dma_space dma;

	struct vector vector[NIC_VECTORS_MAX];
	unsigned int nb_vectors;
	struct function_ops ops;

	/* VF only: its side of the mailbox. */
	bool rsti;		/**< level: PF or VF in reset */
	bool rstd, pfsts, pfack;	/**< cleared by the VF's read */
};

/* --- Queues --- */

enum rx_desc_type { RX_LEGACY, RX_ONE_BUFFER, RX_SPLIT, RX_SPLIT_ALWAYS, RX_REPLICATE };

struct rx_queue {
	uint16_t index;
	bool enabled;
	/** The function whose memory the ring is in; whose interrupts it raises. */
	struct function *owner;
	uint8_t vector;		/**< of the owner, or NO_VECTOR */
	uint64_t base;		/**< bus address */
	uint8_t *ring;		/**< host address of the whole ring, or NULL: look up again */
	uint32_t nb_desc, head;
	/**
	 * The queue's 64-byte register block as software sees it now: dwords RING_HEAD, RING_TAIL,
	 * RING_CONTROL. It lies in the PF's csr, or in a page that software reads and writes
	 * without our knowing (../attach), so tail and control are read anew each time.
	 */
	volatile uint32_t *block;
	enum rx_desc_type desc_type;
	uint32_t buffer_bytes, header_bytes;
	bool drop_en;		/**< its own, or forced by the PF (QDE) */
	uint32_t low_threshold;	/**< free descriptors (RDMTS); 0: none */
	bool above_low;		/**< it had more since the last time that it fell to it */
	bool low;		/**< it has fallen to it, and nobody was told yet */
	bool strip_vlan;
	uint32_t max_frame;	/**< RLPML; 0: no limit of its own */
	bool stuck;		/**< stopped as malicious (MDD) until released */
	/** Frames that found no descriptor and wait, as drop_en is off: the port's memory. */
	struct frame_list *backlog;
	uint64_t packets, bytes, drops;
};

/** What a context descriptor left behind. */
struct tx_context {
	bool valid;
	uint8_t mac_len, ip_len_hi;
	uint16_t ip_len, vlan, mss;
	uint8_t l4_len, l4_type;	/**< 0 UDP, 1 TCP, 2 SCTP, 3 none */
	bool ipv4;
	/**
	 * Families with tunnels: bytes of the outer IP header, and from there to the inner one.
	 * mac_len is then that of the outer Ethernet header, and all else the inner packet's.
	 */
	uint8_t outer_ip_len, tunnel_len;
};

/** A leaky bucket in bytes. */
struct rate_limit {
	uint64_t bits_per_s;	/**< 0: none */
	uint64_t next_ns;	/**< earliest start of the next frame */
};

struct tx_queue {
	uint16_t index;
	bool enabled;
	struct function *owner;
	uint8_t vector;
	uint64_t base;
	uint8_t *ring;
	uint32_t nb_desc, head;
	volatile uint32_t *block;
	uint64_t head_writeback;	/**< bus address, or 0: DD bits */
	struct tx_context context[2];
	struct rate_limit rate;
	uint8_t pool;
	bool stuck;
	uint64_t packets, bytes, drops;
};

/* Dwords of a queue's register block; the same in both families, PF and VF. */
enum { RING_HEAD = 0x10 / 4, RING_TAIL = 0x18 / 4, RING_CONTROL = 0x28 / 4 };
#define RING_ENABLE (1u << 25)

/* --- The switch --- */

enum vlan_insert { VLAN_BY_DESCRIPTOR, VLAN_DEFAULT, VLAN_NEVER };

/** A VMDq pool: VF v is pool v, the PF has the first one after the VFs or what it chose. */
struct pool {
	bool rx_enabled, tx_enabled;
	bool accept_untagged, accept_broadcast;
	bool accept_multicast_hash, accept_unicast_hash;
	bool all_multicast, all_unicast, all_vlans;
	bool strip_vlan;	/**< 82576: of all the pool receives */
	bool hide_vlan;
	uint32_t max_frame;	/**< bytes with CRC; 0: the port's limit holds */
	bool tags_count;	/**< max_frame is with tags, else without */
	bool spoof_mac, spoof_vlan, spoof_etype, count_spoofed;
	enum vlan_insert vlan_insert;
	uint16_t default_tag;	/**< PCP and VID */
	/** Its queues: first, first + step ... */
	uint16_t first_queue, queue_step, nb_queues;
	bool rss;		/**< spread over its queues */
	uint64_t rx_packets, rx_bytes, rx_multicast, tx_packets, tx_bytes, rx_drops;
	uint64_t spoofed;
	uint64_t storm_bytes[2];	/**< broadcast, multicast: of this storm interval */
};

struct rar {
	bool valid;
	uint8_t mac[MAC_LEN];
	uint64_t pools;
};

struct vlvf {
	bool valid;
	uint16_t vlan;
	uint64_t pools;
};

struct mirror {
	bool pools_in, uplink, downlink, vlans;
	uint8_t to_pool;
	uint64_t vlan_rows, pool_bits;
};

/** Frames of one ethertype. */
struct etype_filter {
	bool enabled, tx_antispoof, to_queue;
	uint16_t etype;
	uint8_t queue;
};

/** Broadcast or multicast above a limit is dropped until the interval ends. */
struct storm_control {
	bool broadcast, multicast;
	uint64_t interval_ns, interval_start_ns;
	uint64_t limit_bytes[2], seen_bytes[2];
	bool blocked[2];
};

struct filters {
	struct rar rar[NIC_RARS_MAX];
	uint32_t mta[128], uta[128], vfta[128];
	uint8_t hash_shift;	/**< which 12 bits of an address: 0 = bits 47:36 ... 3 = 43:32 */
	struct vlvf vlvf[NIC_VLVFS_MAX];
	bool promiscuous, all_multicast, accept_broadcast;
	bool vlan_filter;	/**< VFTA decides */
	bool store_bad;
	bool virtualised;	/**< pools are on; else there is the port's RSS, or queue 0 */
	bool loopback;		/**< Tx of a pool may reach other pools */
	bool replicate;
	bool drop_unmatched;	/**< else to the default pool */
	uint8_t default_pool;
	bool strip_replicated;
	uint64_t self_loopback;	/**< pools that do get back what they send (LLE) */
	uint64_t source_pruned;	/**< pools that never get back what has their own address */
	struct mirror mirror[NIC_MIRRORS_MAX];
	struct etype_filter etype[NIC_ETYPES_MAX];
	struct storm_control storm;
	uint16_t vlan_etype, outer_vlan_etype;
	uint16_t tx_vlan_etype;	/**< of a tag that is inserted */
	bool double_vlan;
};

/** Which fields of a frame make a hash; bit = RSS type of the write-back descriptor. */
struct rss {
	bool enabled;
	uint16_t types;		/**< bit t: RSS type t may be hashed */
	uint8_t key[40];
	uint8_t reta[NIC_RETA_MAX];
	uint16_t reta_size;
};

/** The port's receiver and transmitter as a whole. */
struct port_state {
	bool rx_enabled, tx_enabled;
	bool link_up;
	uint32_t link_mbps;
	uint32_t max_frame;	/**< with CRC; 0: no limit */
	bool tags_count;	/**< max_frame is with tags, else without */
	bool strip_crc, strip_vlan, mac_loopback;
	bool fragment_checksum;	/**< RXCSUM.PCSD off */
	bool check_ip, check_l4;	/**< Rx checksum engines */
	uint16_t vxlan_port;		/**< of UDP; 0: none */
	bool pad_tx;
	bool mdd_rx, mdd_tx;	/**< malicious-driver detection */
	uint32_t outer_strip;
	bool rx_pause, tx_pause;	/**< PAUSE frames are heeded; are sent */
	bool send_xon;			/**< when the buffer has drained */
	bool pass_control;		/**< other MAC control frames go to the host */
	uint16_t pause_time, pause_refresh;	/**< 512 bit times; 0: not refreshed */
	uint32_t high_water, low_water;	/**< bytes in the Rx packet buffer */
};

/** Port counters; families map registers to them, and to what of them was read already. */
struct port_stats {
	uint64_t rx_packets, rx_bytes, rx_broadcast, rx_multicast;
	uint64_t tx_packets, tx_bytes, tx_broadcast, tx_multicast;
	uint64_t rx_total_packets, rx_total_bytes, tx_total_packets, tx_total_bytes;
	uint64_t rx_size[6], tx_size[6];	/**< 64, -127, -255, -511, -1023, above */
	uint64_t rx_missed;	/**< port memory full */
	uint64_t rx_no_buffer;
	uint64_t rx_crc_errors, rx_length_errors, rx_undersize, rx_oversize;
	uint64_t rx_fragments, rx_jabber;
	uint64_t rx_checksum_errors;
	uint64_t rx_xon, rx_xoff, tx_xon, tx_xoff;
	uint64_t rx_pause_unsupported;	/**< PAUSE that is not heeded */
	uint64_t rx_filtered;	/**< no filter took it */
	uint64_t loopback_packets, loopback_bytes;
	uint64_t storm_drops;
	uint64_t switch_drops;	/**< looped back, but no room */
};

/* --- Families --- */

enum reset_kind {
	RESET_POWER,		/**< of everything */
	RESET_PF_SOFTWARE,	/**< CTRL.RST or FLR of the PF */
	RESET_VF,		/**< VTCTRL.RST, VFCTRL.RST or VFLR: of one VF */
};

/** Bits of the Rx write-back that differ. */
struct rxd_bits {
	uint32_t error_l4, error_ip, error_rxe;	/**< dword 2 */
	uint32_t loopback;
	uint32_t ip_id;			/**< the IP identification is there; 0: not told */
	uint32_t outer_ip_checked, error_outer_ip;	/**< of a tunnel's outer IPv4 header */
	bool loopback_vlan_swapped;	/**< a looped-back frame's tag is big endian (I350) */
};

/** A hardware family; everything that ../datapath and ../attach may want to know of it. */
struct nic_family {
	const char *name;	/**< as in a device spec: 82576, i350, 82599, x540, x550 */
	uint16_t pf_device_id, vf_device_id;
	uint8_t revision;
	uint32_t pf_bar_bytes, vf_bar_bytes;
	uint8_t msix_bar;	/**< PF's and VF's MSI-X table BAR: 3 or 4 */
	uint8_t vf_msix_bar;
	uint16_t pf_vectors, vf_vectors;
	uint16_t nb_queues, nb_pools, max_vfs, nb_rars, nb_vlvfs;
	uint32_t link_mbps;
	struct rxd_bits rxd;
	bool context_check;	/**< Tx descriptors have CC, and the switch needs it (82599 on) */
	uint16_t tx_segments_max;	/**< data descriptors of one frame; 0: 255 */
	bool mdd;		/**< has malicious-driver detection */
	bool tunnels;		/**< looks into VXLAN and NVGRE (X550) */
	bool vector_is_eicr_bit;

	const struct reg_row *pf_rows, *vf_rows;
	unsigned int nb_pf_rows, nb_vf_rows;

	/** The PF's offset of the register block of Rx or Tx queue q, and back. */
	uint32_t (*rx_block)(uint16_t q);
	uint32_t (*tx_block)(uint16_t q);
	/** The port's queue that is queue @p i of VF @p vf; a number >= nb_queues: none. */
	uint16_t (*vf_queue)(const struct nic *nic, unsigned int vf, unsigned int i);

	/** The family's own numbers, and how much nic->family_data is; zeroed once. */
	const void *traits;
	size_t data_bytes;

	/** After regfile_reset() of the rows: state that is no register. */
	void (*reset)(struct nic *nic, enum reset_kind kind, unsigned int vf);
	/** nb_vfs changed: queues and vectors have another owner. NULL: nothing to do. */
	void (*vfs_changed)(struct nic *nic);
	/** A queue's cause: a packet was received or sent; raises its vector by IVAR and masks. */
	void (*rx_cause)(struct nic *nic, struct rx_queue *q);
	void (*tx_cause)(struct nic *nic, struct tx_queue *q);
	/** As rx_cause(), as a low-latency interrupt: if it is not masked, no interval holds it. */
	void (*rx_low_cause)(struct nic *nic, struct rx_queue *q);
	/** The link went up or down. */
	void (*link_cause)(struct nic *nic);
	/** Frames were missed as the port's memory was full. */
	void (*missed_cause)(struct nic *nic);
	/** A queue of @p pool was stopped as malicious; @p rx which side. */
	void (*mdd_cause)(struct nic *nic, uint16_t queue, bool rx);
	/** The vector's message goes out: clear and mask what clears and masks itself. */
	void (*vector_fired)(struct function *fn, unsigned int vector);
};

extern const struct nic_family nic_family_82576, nic_family_i350;
extern const struct nic_family nic_family_82599, nic_family_x540, nic_family_x550;

/** @return NULL: no family of that name */
const struct nic_family *nic_family_find(const char *name);

/* --- The port --- */

/** What happened that should not: printed by tools, asserted on by tests. */
struct nic_oddities {
	uint64_t unknown_reads, unknown_writes;	/**< no row has that offset */
	uint32_t unknown_offset[16];		/**< the first of them; bit 31: a write */
	unsigned int nb_unknown;
	uint64_t bad_descriptors;		/**< Tx: what hardware would choke on */
};

struct nic {
	const struct nic_family *family;
	pthread_mutex_t lock;
	struct nic_clock clock;
	struct function pf;
	struct function vf[NIC_VFS_MAX];
	unsigned int nb_vfs;		/**< enabled */
	uint16_t *pf_row_of, *vf_row_of;
	bool peeking;			/**< on_read of a row has no effect: reg_peek() asks */
	const struct mailbox_layout *mailbox;
	bool own_bars;			/**< BAR storage is ours to free */
	uint64_t next_vector_ns;	/**< no vector is due before; UINT64_MAX: none waits */

	struct rx_queue rxq[NIC_QUEUES_MAX];
	struct tx_queue txq[NIC_QUEUES_MAX];
	struct pool pool[NIC_POOLS_MAX];
	struct filters filters;
	struct rss rss;			/**< the port's */
	struct rss *pool_rss;		/**< X550: one for each pool, or NULL */
	struct port_state port;
	struct port_stats stats;
	uint8_t mac[MAC_LEN];		/**< in the EEPROM */
	/** Counts changes of filters, pools and port state: what a cache was computed from. */
	uint32_t generation;
	struct wire *wire;		/**< NULL: nothing is plugged in; the link is down */
	uint32_t wire_mbps;		/**< its carrier as last seen by nic_watch_carrier() */
	struct nic_oddities odd;
	void *family_data;
	void *datapath;			/**< ../datapath's own */
};

struct nic_config {
	const struct nic_family *family;
	unsigned int nb_vfs;
	uint8_t mac[MAC_LEN];
	bool manual_clock;
	struct wire *wire;
	/** Storage of BAR0 for function @p vf, zeroed; NULL: the model allocates. */
	uint32_t *(*bar)(void *ctx, int vf, uint32_t bytes);
	void *bar_ctx;
};

/** @return NULL with errno: EINVAL (nb_vfs beyond the family's), ENOMEM */
struct nic *nic_create(const struct nic_config *config);
/** Not locked. NULL is fine. */
void nic_free(struct nic *nic);

uint64_t nic_now_ns(const struct nic *nic);

/** Reset by software or by the bus; a PF's takes its VFs with it. */
void nic_reset(struct nic *nic, enum reset_kind kind, unsigned int vf);
/** FLR through the function's config space. */
void nic_flr(struct function *fn);
/** The function leaves the bus without a word; a PF takes its VFs along. */
void nic_surprise_remove(struct function *fn);
/** The SR-IOV capability was written: VFs [0, nb_vfs) exist. */
void nic_set_vfs(struct nic *nic, unsigned int nb_vfs);
/** Carrier on the wire; 0 Mb/s: none. */
void nic_set_link(struct nic *nic, uint32_t mbps);
/** The link follows the wire, at the port's own speed at most. */
void nic_watch_carrier(struct nic *nic);

/** After any change of filters, pools or port state. */
static inline void
nic_changed(struct nic *nic)
{
	nic->generation++;
}

/** The function with @p vf, or the PF for PF_INDEX. */
static inline struct function *
nic_function(struct nic *nic, int vf)
{
	return vf == PF_INDEX ? &nic->pf : &nic->vf[vf];
}

/** A function of the bus that works: it may do DMA and raise interrupts. */
static inline bool
function_alive(const struct function *fn)
{
	return fn->present && !fn->gone && !fn->stopped && fn->bus_master;
}

#endif /* MODEL_NIC_H */
