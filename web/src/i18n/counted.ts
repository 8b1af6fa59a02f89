/** “1 person”, “21 people”: English counts one thing as one. */
export const counted = (n: string, one: string, many: string) => `${n} ${n === "1" ? one : many}`;
