"""What tests of records share."""

import pytest

CENSUS = """<Message>
<Header><CollectionDetails><Collection>CIN</Collection><Year>2025</Year>
<ReferenceDate>2025-03-31</ReferenceDate></CollectionDetails></Header>
<Children>
<Child>
<ChildIdentifiers><LAchildID>C1</LAchildID><UPN>H801200001001</UPN>
<PersonBirthDate>2012-05-01</PersonBirthDate><Sex>F</Sex></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics>
<CINdetails>
<CINreferralDate>2024-04-10</CINreferralDate><ReferralSource>6</ReferralSource>
<PrimaryNeedCode>N1</PrimaryNeedCode>
<Assessments>
<AssessmentActualStartDate>2024-04-11</AssessmentActualStartDate>
<AssessmentAuthorisationDate>2024-05-20</AssessmentAuthorisationDate>
<FactorsIdentifiedAtAssessment><AssessmentFactors>3B</AssessmentFactors>
</FactorsIdentifiedAtAssessment>
</Assessments>
<ReferralNFA>0</ReferralNFA>
</CINdetails>
</Child>
<Child>
<ChildIdentifiers><LAchildID>C2</LAchildID><UPNunknown>UN7</UPNunknown>
<PersonBirthDate>2024-01-15</PersonBirthDate><Sex>M</Sex></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>APKN</Ethnicity></ChildCharacteristics>
<CINdetails>
<CINreferralDate>2024-09-02</CINreferralDate><ReferralSource>2A</ReferralSource>
<ReferralNFA>true</ReferralNFA>
</CINdetails>
</Child>
</Children>
</Message>
"""


@pytest.fixture
def clean_census():
    """A small census of two children."""
    return CENSUS
