/** What went wrong, in Korean and English, by the server's code of it, else by the status of its answer. */
import type { ApiError } from "../api/client.ts";
import type { Lang } from "../api/types.ts";
import { type Term, type Terms, term } from "./terms.ts";

export const FAULTS: Terms = {
  bad_cursor: term("목록이 바뀌었습니다. 처음부터 다시 여세요.", "The list has changed. Open it again from the start."),
  bad_instant: term("시각을 읽을 수 없습니다.", "The instant cannot be read."),
  bad_period: term("기간을 읽을 수 없습니다.", "The period cannot be read."),
  bad_request: term("요청의 내용이 맞지 않습니다.", "The request is not as it should be."),
  lake_busy: term("집계가 밀려 있습니다. 잠시 뒤 다시 시도하세요.", "The figures are being renewed. Try again in a moment."),
  log_slow: term("디스크가 느려 지금은 받을 수 없습니다. 잠시 뒤 다시 시도하세요.", "The disk is slow. Try again in a moment."),
  log_unwritable: term("디스크에 기록할 수 없습니다. 관리자에게 알려 주세요.", "The disk cannot be written to. Tell whoever runs Gyeol."),
  no_answer: term("답을 기다리다 멈췄습니다. 다시 시도하세요.", "No answer came in time. Try again."),
  no_identifiers: term("식별자가 없습니다.", "There are no identifiers."),
  no_such_route: term("이 버전의 결에는 없는 기능입니다.", "This release of Gyeol does not have that."),
  nothing_held: term("두 고객 사이에 보류된 근거가 없습니다.", "Nothing is held back between the two."),
  nothing_left: term("모든 식별자를 떼어 낼 수는 없습니다.", "Not all identifiers can be split off."),
  same_person: term("이미 같은 고객입니다.", "They are one person already."),
  several_people: term("고른 식별자가 여러 고객의 것입니다.", "The identifiers belong to several people."),
  side_unreachable: term("결이 지금 답하지 않습니다. 잠시 뒤 다시 시도하세요.", "Gyeol does not answer now. Try again in a moment."),
  stopping: term("결을 멈추는 중입니다. 다시 켠 뒤 시도하세요.", "Gyeol is stopping. Try again once it runs."),
  too_many_identifiers: term("식별자가 너무 많습니다.", "There are too many identifiers."),
  unknown_audience: term("없는 오디언스입니다.", "There is no such audience."),
  unknown_content: term("없는 콘텐츠입니다.", "There is no such content."),
  unknown_funnel: term("없는 퍼널입니다.", "There is no such funnel."),
  unknown_group: term("없는 그룹입니다.", "There is no such group."),
  unknown_person: term(
    "그런 고객이 없습니다. 고객 ID나 식별자를 확인하세요.",
    "Nobody is known by that. Check the person id or identifier.",
  ),
  unknown_pool: term("없는 쿠폰입니다.", "There is no such coupon."),
  unknown_suggestion: term("이미 처리된 제안입니다.", "The suggestion waits no longer."),
  version_changed: term("그사이 다른 사람이 바꿨습니다. 다시 열어 확인하세요.", "Somebody changed it meanwhile. Open it again."),
};

const FAMILIES: readonly [number, Term][] = [
  [500, term("결에서 문제가 생겼습니다. 잠시 뒤 다시 시도하세요.", "Something went wrong in Gyeol. Try again in a moment.")],
  [429, term("요청이 너무 많습니다. 잠시 뒤 다시 시도하세요.", "There are too many requests. Try again in a moment.")],
  [409, term("지금은 할 수 없습니다. 그사이 상태가 바뀌었을 수 있습니다.", "Not possible now: something may have changed meanwhile.")],
  [404, term("찾을 수 없습니다.", "Not found.")],
  [400, term("입력한 내용이 맞지 않습니다.", "What was entered is not right.")],
];

/** The sentence for an answer that is no success. */
export function faultText(error: ApiError, lang: Lang): string {
  const known = FAULTS[error.code] ?? FAMILIES.find(([status]) => error.status >= status)?.[1];
  return known?.[lang] ?? error.message;
}
