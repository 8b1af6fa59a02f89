/** The shapes of coupons: pools, codes, what a till accepted offline. Names are as on the wire; defaults may be left out. */
import type { Instant, Text, Value } from "./types.ts";

export interface Pool {
  name: string;
  label: Text;
  codes: string;
  amount: number | null;
  percent: number | null;
  most: number | null;
  currency: string;
  min_basket: number;
  valid_from: Instant | null;
  valid_until: Instant | null;
  days: number | null;
  per_person: number;
  size: number | null;
  bearer: boolean;
  combinable: boolean;
  total: number;
  free: number;
  issued: number;
  redeemed: number;
  revoked: number;
}

export interface Coupon {
  ref: string;
  pool: string;
  /** free, issued, held, redeemed, revoked, expired. */
  state: string;
  masked: string;
  person?: string;
  /** What a list calls them; personal identifiers are masked. */
  person_name?: string;
  issued_at?: Instant;
  expires?: string;
  offer?: string;
  redeemed_at?: Instant;
  /** When a redemption was last taken back. */
  reversed_at?: Instant;
  store?: string;
  till?: string;
  order?: string;
  discount?: number;
  currency?: string;
  offline?: boolean;
}

/** Something that a till accepted without a network and that the ledger doubts. */
export interface Doubt {
  till: string;
  sequence: number;
  accepted_at: Instant;
  told_at: Instant;
  status: string;
  params: { readonly [key: string]: Value };
  said: { readonly [key: string]: Value };
  coupon: Coupon | null;
  text: Text;
}

export interface CouponsView {
  pools: Pool[];
  coupons: Coupon[];
  doubts: Doubt[];
  next: string | null;
  public_key: string;
  now: Instant;
}
