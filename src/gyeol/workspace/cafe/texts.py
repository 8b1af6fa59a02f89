"""What people write: reviews and chats of known polarity and topic, put together from phrases of our own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TOPICS = ("taste", "staff", "delivery", "price", "app", "place")

_SAID: dict[tuple[str, int], tuple[str, ...]] = {
    ("taste", 1): (
        "커피 향이 정말 좋아요",
        "디저트가 기대 이상이에요",
        "라떼가 부드럽고 고소해요",
        "The coffee was excellent",
        "여기 소금빵 최고예요",
    ),
    ("taste", 0): ("맛은 무난합니다", "보통이에요", "It was okay, nothing special", "늘 먹던 그 맛입니다"),
    ("taste", -1): (
        "커피가 너무 써요",
        "케이크가 말라 있었어요",
        "음료가 미지근하게 나왔어요",
        "The latte tasted burnt",
        "맛이 예전 같지 않네요",
    ),
    ("staff", 1): (
        "직원분이 정말 친절하세요",
        "웃으며 맞아 주셔서 기분이 좋았어요",
        "The staff were so kind",
        "빠르게 챙겨 주셔서 감사해요",
    ),
    ("staff", 0): ("직원은 그냥 그랬어요", "응대는 평범합니다"),
    ("staff", -1): ("직원이 불친절했어요", "인사도 없고 주문을 두 번이나 틀렸어요", "The staff were rude", "물어봐도 대답을 안 해요"),
    ("delivery", 1): ("배달이 생각보다 빨리 왔어요", "포장이 꼼꼼해서 하나도 안 샜어요", "Delivery was fast"),
    ("delivery", 0): ("배달은 예상 시간에 왔습니다", "Delivery was on time"),
    ("delivery", -1): (
        "배달이 한 시간이나 늦었어요",
        "음료가 다 쏟아져서 왔어요",
        "My order arrived cold and late",
        "아직도 안 왔는데 취소도 안 되네요",
    ),
    ("price", 1): ("이 가격에 이 정도면 훌륭해요", "할인 덕분에 싸게 샀어요", "Great value"),
    ("price", 0): ("가격은 다른 곳과 비슷해요",),
    ("price", -1): ("가격이 또 올랐네요", "양에 비해 너무 비싸요", "Way too expensive"),
    ("app", 1): ("앱 주문이 정말 편해요", "주문하고 바로 찾아갈 수 있어서 좋아요", "The app is easy to use"),
    ("app", 0): ("앱은 쓸 만해요",),
    ("app", -1): ("앱에서 결제 오류가 계속 나요", "쿠폰이 적용되지 않아요", "The app keeps crashing", "환불이 왜 이렇게 오래 걸리나요"),
    ("place", 1): ("자리가 넓고 조용해서 공부하기 좋아요", "창가 자리 분위기가 좋아요", "Lovely place"),
    ("place", 0): ("매장은 보통 크기입니다",),
    ("place", -1): ("너무 시끄럽고 자리가 없어요", "테이블이 끈적거렸어요", "화장실이 더러웠어요"),
}
_TAILS: dict[int, tuple[str, ...]] = {
    1: ("", "!", " ㅎㅎ", " 👍", " 또 올게요", "~", " 😊", " 추천합니다"),
    0: ("", ".", "..", " ㅎ"),
    -1: ("", ".", " ㅠㅠ", " 😡", " 다시는 안 가요", " 실망이에요", ";;", " 환불해 주세요"),
}


def write(polarity: NDArray[np.int8], topic: NDArray[np.int8], rng: np.random.Generator) -> list[str]:
    """A text for each polarity (-1, 0, 1) and topic."""
    first, last = rng.random(len(polarity)), rng.random(len(polarity))
    texts = []
    for i, (sign, about) in enumerate(zip(polarity.tolist(), topic.tolist(), strict=True)):
        phrases, tails = _SAID[TOPICS[about], sign], _TAILS[sign]
        texts.append(phrases[int(first[i] * len(phrases))] + tails[int(last[i] * len(tails))])
    return texts
