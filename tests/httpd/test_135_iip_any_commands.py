"""Any commands of IIP with any numbers: an answer or a refusal, never anything else."""
import itertools
import random

from iip_site import site

NUMBERS = ["nan", "inf", "-inf", "1e999", "0x10", "1e", "--1", "", "1,2,3", "%00", "\u0663".encode().hex()]
FIELDS = ["MINMAX=0:#,1", "MINMAX=#:0,1", "CNT=#", "GAM=#", "SHD=#,1", "CTW=[1,#]", "CNV=[1,2,3,4,#,6,7,8,9]",
          "BIT=#", "QLT=#", "WID=#", "SDS=#", "ROT=#", "JTL=#,0", "SPECTRA=0,0,#,0", "PFL=0:0,#"]


def test_hostile_numbers(site):
    for field, number in itertools.product(FIELDS, NUMBERS):
        answer = site.get(f"/small?FIF=a.tif&{field.replace('#', number)}&CVT=jpeg")
        assert answer.status in (200, 400), (field, number)
    for number in ("nan", "inf", "1e999", "0x10", "--1"):
        for field in FIELDS:
            answer = site.get(f"/small?FIF=a.tif&{field.replace('#', number)}&CVT=jpeg")
            assert answer.status == 400, (field, number)
            assert answer.body.startswith(b"Error/")
    # Finite ones are held to what is documented.
    for number in ("1e300", "-1e300", "1e-320", "-0", "340282350000000000000000000000000000000.5"):
        for field in ("MINMAX=0:#,1", "CNT=#", "GAM=#", "SHD=#,#", "CTW=[#,#;#]", "ROT=#",
                      "CNV=[#,#,#,#,#,#,#,#,#]", "MINMAX=-:#,#"):
            for image in ("a.tif", "x.tif", "f.tif"):
                answer = site.get(f"/small?FIF={image}&{field.replace('#', number)}&CVT=png")
                assert answer.status == 200, (field, number, answer.body)


def test_any_order_and_repetition(site):
    pick = random.Random(130)
    commands = ["FIF=a.tif", "FIF=x.tif", "FIF=f.tif", "WID=50", "HEI=-1", "RGN=.2,.2,.3,.3", "RGN=2,2,2,2", "QLT=50",
                "QLT=zstd:99", "BIT=16", "BIT=32", "ROT=37", "ROT=!-90", "COL=grey", "COL=binary", "LYR=1", "CNT=2",
                "CNT=eq", "CNT=stretch", "CNT=1e30", "GAM=0", "GAM=log", "MINMAX=0:5,5", "MINMAX=-:1e30,-1e30",
                "MINMAX=7:0,0", "SHD=1,2", "CTW=[1,2;3]", "CTW=[0]", "CTW=[1,1,1,1,1;;]", "INV", "CMP=jet", "CMP=?",
                "CNV=emboss", "CNV=[0]", "CNV=[-1e30]", "CVT=png", "CVT=tiff", "CVT=webp", "JTL=0,0", "PTL=0,0",
                "TIL=0,0", "SPECTRA=0,0,9,9", "PFL=0:0,0-9,9", "OBJ=max-size", "SDS=0,90", "FOO=1", "&&=", "WID",
                "GAM=nan", "MINMAX=-:-inf,1e999", "ROT=1e300", "SHD=-1e300,1e300", "CNT=-1e300"]
    outputs = ["CVT=png", "CVT=jpeg", "CVT=tif", "CVT=webp", "PTL=0,0", "TTL=0,0"]
    statuses = []
    for _ in range(400):
        chosen = pick.choices(commands, k=pick.randrange(1, 9))
        if pick.random() < 0.8:
            chosen = [c for c in chosen if not c.startswith(("FIF", "FOO", "HEI", "OBJ", "WID"))]
            chosen.insert(pick.randrange(len(chosen) + 1), "FIF=" + pick.choice(["a.tif", "x.tif", "f.tif"]))
            chosen.append(pick.choice(outputs))
        answer = site.get("/small?" + "&".join(chosen))
        assert answer.status in (200, 400), (chosen, answer.status, answer.body[:100])
        statuses.append(answer.status)
    assert 100 < statuses.count(200) < 390
